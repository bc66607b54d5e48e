/// What readers did with an article. Each count is 0 or more; those not in `known` are 0 and mean nothing.
///
/// Public only so that the compiler may inline what every row of a list needs.
public struct Counters: Hashable, Sendable {
    /// Which counts a page printed or the server has seen.
    public struct Known: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
        @inlinable public static var views: Known { Known(rawValue: 1 << 0) }
        @inlinable public static var likes: Known { Known(rawValue: 1 << 1) }
        @inlinable public static var favorites: Known { Known(rawValue: 1 << 2) }
        @inlinable public static var tips: Known { Known(rawValue: 1 << 3) }
        @inlinable public static var comments: Known { Known(rawValue: 1 << 4) }
        @inlinable public static var shares: Known { Known(rawValue: 1 << 5) }
        public static let all: Known = [.views, .likes, .favorites, .tips, .comments, .shares]
    }

    public var views: Int64 = 0
    public var likes: Int64 = 0
    public var favorites: Int64 = 0
    public var tips: Int64 = 0
    public var comments: Int64 = 0
    public var shares: Int64 = 0
    public var known = Known(rawValue: 0)

    @inlinable public init() {}

    /// Takes every count that is given as known.
    package init(
        views: Int64? = nil, likes: Int64? = nil, favorites: Int64? = nil, tips: Int64? = nil,
        comments: Int64? = nil, shares: Int64? = nil
    ) {
        func take(_ count: Int64?, _ flag: Known) -> Int64 {
            if count != nil { known.insert(flag) }
            return count ?? 0
        }
        self.views = take(views, .views)
        self.likes = take(likes, .likes)
        self.favorites = take(favorites, .favorites)
        self.tips = take(tips, .tips)
        self.comments = take(comments, .comments)
        self.shares = take(shares, .shares)
    }

    /// Base plus events: counts add up, staying within 0 and `Int64.max`, and what either knows is known.
    package static func + (base: Counters, events: Counters) -> Counters {
        var sum = Counters()
        sum.views = saturatedSum(base.views, events.views)
        sum.likes = saturatedSum(base.likes, events.likes)
        sum.favorites = saturatedSum(base.favorites, events.favorites)
        sum.tips = saturatedSum(base.tips, events.tips)
        sum.comments = saturatedSum(base.comments, events.comments)
        sum.shares = saturatedSum(base.shares, events.shares)
        sum.known = base.known.union(events.known)
        return sum
    }

    /// What a newer page printed replaces what an older one did; counts that it does not print stay.
    package func replaced(by newer: Counters) -> Counters {
        var result = self
        if newer.known.contains(.views) { result.views = newer.views }
        if newer.known.contains(.likes) { result.likes = newer.likes }
        if newer.known.contains(.favorites) { result.favorites = newer.favorites }
        if newer.known.contains(.tips) { result.tips = newer.tips }
        if newer.known.contains(.comments) { result.comments = newer.comments }
        if newer.known.contains(.shares) { result.shares = newer.shares }
        result.known.formUnion(newer.known)
        return result
    }

    private static func saturatedSum(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : max(0, sum)
    }
}

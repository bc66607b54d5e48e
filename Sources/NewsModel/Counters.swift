/// What readers did with an article. Each count is 0 or more; those not in `known` are 0 and mean nothing.
package struct Counters: Hashable, Sendable {
    /// Which counts a page printed or the server has seen.
    package struct Known: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let views = Known(rawValue: 1 << 0)
        package static let likes = Known(rawValue: 1 << 1)
        package static let favorites = Known(rawValue: 1 << 2)
        package static let tips = Known(rawValue: 1 << 3)
        package static let comments = Known(rawValue: 1 << 4)
        package static let shares = Known(rawValue: 1 << 5)
        package static let all: Known = [.views, .likes, .favorites, .tips, .comments, .shares]
    }

    package var views: Int64 = 0
    package var likes: Int64 = 0
    package var favorites: Int64 = 0
    package var tips: Int64 = 0
    package var comments: Int64 = 0
    package var shares: Int64 = 0
    package var known: Known = []

    package init() {}

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

internal import GRPCWire

/// Finds a method by the `:path` of a request.
///
/// Built once. A look-up makes no string: paths of the same length share a bucket, and a service has few of each.
package final class RoutingTable: Sendable {
    package let methods: [MethodDescriptor]
    private let paths: [[UInt8]]
    /// Indexes of `methods` by the length of their path.
    private let buckets: [[Int]]

    /// - Parameter methods: in any order; a method's index in this list is how it is known from here on.
    package init(_ methods: [MethodDescriptor]) {
        self.methods = methods
        paths = methods.map { [UInt8]($0.path.description.utf8) }
        var buckets = [[Int]](repeating: [], count: (paths.map(\.count).max() ?? 0) + 1)
        for (index, path) in paths.enumerated() { buckets[path.count].append(index) }
        self.buckets = buckets
    }

    /// The index of the method at `path`, such as "/news.v1.NewsService/GetArticle".
    package func index(of path: Span<UInt8>) -> Int? {
        guard path.count < buckets.count else { return nil }
        return buckets[path.count].first { path.holds(paths[$0]) }
    }
}

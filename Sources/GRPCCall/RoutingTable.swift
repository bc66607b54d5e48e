internal import Bytes

/// Finds a method by the `:path` of a request.
///
/// Built once. A look-up makes no string: paths lie in the order of their lengths, and a service has few of each.
package final class RoutingTable: Sendable {
    package let methods: [MethodDescriptor]
    /// All paths, one behind the other, the shortest first.
    private let bytes: [UInt8]
    /// Indexes of `methods` in that order, and where the path of each begins.
    private let order: [(method: Int, offset: Int)]
    /// By length: the first of `order` with a path of that length. One more than there are lengths.
    private let starts: [Int]

    /// - Parameters:
    ///   - methods: in any order; a method's index in this list is how it is known from here on.
    ///   - isServed: whether the method is found. The others keep their places, and their paths lead nowhere.
    package init(_ methods: [MethodDescriptor], serving isServed: (MethodDescriptor) -> Bool = { _ in true }) {
        self.methods = methods
        let paths = methods.map { [UInt8]($0.path.description.utf8) }
        var bytes: [UInt8] = []
        var order: [(method: Int, offset: Int)] = []
        var starts: [Int] = []
        for length in 0...(paths.map(\.count).max() ?? 0) {
            starts.append(order.count)
            for (method, path) in paths.enumerated() where path.count == length && isServed(methods[method]) {
                order.append((method, bytes.count))
                bytes += path
            }
        }
        self.bytes = bytes
        self.order = order
        self.starts = starts + [order.count]
    }

    /// The index of the method at `path`, such as "/news.v1.NewsService/GetArticle".
    package func index(of path: Span<UInt8>) -> Int? {
        guard path.count + 1 < starts.count else { return nil }
        let bytes = bytes
        for place in starts[path.count]..<starts[path.count + 1] {
            let (method, offset) = order[place]
            if path.hasBytes(of: bytes.span.extracting(offset..<(offset + path.count))) { return method }
        }
        return nil
    }
}

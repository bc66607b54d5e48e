import NewsModel

@testable import NewsStore

/// One row of a scan, or what stands in its place.
enum ScanItem: Hashable, Sendable {
    case row(RecordHeader, Counters)
    case damaged
    case passedOver
    case unavailable(Period)
}

/// Hands everything that a scan finds to a closure.
private final class RowClosure: RowReceiver {
    typealias Body = (_ key: Span<UInt8>, _ content: Span<UInt8>, _ item: ScanItem) -> Bool

    private let body: Body
    private let hearsPassedOver: Bool

    init(_ body: @escaping Body, hearsPassedOver: Bool) {
        self.body = body
        self.hearsPassedOver = hearsPassedOver
    }

    func take(
        _ key: Span<UInt8>, _ content: Span<UInt8>, _ header: RecordHeader, _ counters: Counters
    ) -> Bool {
        body(key, content, .row(header, counters))
    }

    func passOver(_ key: Span<UInt8>) -> Bool {
        guard hearsPassedOver else { return true }
        let empty: [UInt8] = []
        return body(key, empty.span, .passedOver)
    }

    func takeDamaged(_ key: Span<UInt8>) -> Bool {
        let empty: [UInt8] = []
        return body(key, empty.span, .damaged)
    }

    func takeUnavailable(_ period: Period) -> Bool {
        let empty: [UInt8] = []
        return body(empty.span, empty.span, .unavailable(period))
    }
}

extension StoreReader {
    /// - Parameter hearsPassedOver: whether `body` hears of rows that are of another channel, too.
    func scan(
        _ scan: ListScan, hearsPassedOver: Bool = false,
        _ body: (_ key: Span<UInt8>, _ row: Span<UInt8>, _ item: ScanItem) -> Bool
    ) throws(StoreError) -> ScanResult {
        let result = withoutActuallyEscaping(body) { body in
            Result { () throws(StoreError) in try self.scan(scan, RowClosure(body, hearsPassedOver: hearsPassedOver)) }
        }
        return try result.get()
    }
}

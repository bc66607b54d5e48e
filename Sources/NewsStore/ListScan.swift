package import NewsModel

/// Which rows of the store are wanted, and from where on.
package struct ListScan: Sendable {
    package var newestFirst = true
    /// Rows at this sort instant or after it. A bound of either kind leaves out undated articles.
    package var lower: Instant?
    /// Rows before this sort instant.
    package var upper: Instant?
    /// Whether undated articles come after all others when there is no bound.
    package var includesUndated = true
    /// The row key of the last row seen, as the scan gave it; rows behind it are wanted.
    package var after: [UInt8]?
    /// Number of the channel.
    package var channel: UInt32?
    /// As printed.
    package var source: String?

    package init() {}
}

/// Takes what a scan finds, in the order of the scan. Each method answers whether more is wanted.
///
/// Spans are lent for the call, in which the reader that scans must not be used.
package protocol RowReceiver: AnyObject {
    /// - Parameter content: what the row holds besides its head: the message that was stored.
    func take(
        _ key: Span<UInt8>, _ content: Span<UInt8>, _ header: RecordHeader, _ counters: Counters
    ) -> Bool
    /// The row was read, and is of another channel than is wanted: nothing of it is to be shown, but it took time.
    func passOver(_ key: Span<UInt8>) -> Bool
    /// The row is there, and its bytes are not what was written. Its key still names the article, see
    /// `RowKey.idOffset`.
    func takeDamaged(_ key: Span<UInt8>) -> Bool
    /// A shard that should have been scanned cannot be read.
    func takeUnavailable(_ period: Period) -> Bool
}

package enum RowKey {
    /// Where the id begins in a row key.
    package static let idOffset = RowOrder.prefixCount
}

/// How a scan ended, and at which position.
package struct ScanResult: Hashable, Sendable {
    package enum End: Hashable, Sendable {
        /// There are no more rows.
        case finished
        /// The receiver of the rows said so.
        case stopped
        /// The rows so far are of one moment, and those of the next shard no longer are: the page ends here, and the
        /// next one goes on after its last row.
        case cut
    }

    package let end: End
    /// The revision up to which the rows show every change.
    package let position: UInt64

    package init(end: End, position: UInt64) {
        self.end = end
        self.position = position
    }
}

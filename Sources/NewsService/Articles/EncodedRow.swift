internal import NewsMessages
internal import NewsStore

/// The row of a list: an article without its body and its text issues.
enum EncodedRow {
    /// Numbers of article.proto.
    private static let body: UInt32 = 16
    private static let textIssues: UInt32 = 28

    /// What encoding the row would give, at a fraction of the time: fields are written in the order of their numbers,
    /// so those of the row are bytes of the whole article.
    ///
    /// - Parameter full: An article as `encoded` writes it.
    static func content(of full: [UInt8]) -> RecordContent {
        var reader = WireReader()
        // What stands before the body, between it and the text issues, and behind them.
        var pieces: [Range<Int>] = []
        pieces.reserveCapacity(3)
        var pieceStart = 0
        while true {
            let start = reader.offset
            guard let field = reader.next(in: full.span) else { break }
            guard field.number == body || field.number == textIssues else { continue }
            if start > pieceStart { pieces.append(pieceStart..<start) }
            pieceStart = reader.offset
        }
        precondition(reader.isAtEnd(of: full.span), "an encoded message consists of fields")
        if full.count > pieceStart { pieces.append(pieceStart..<full.count) }
        return RecordContent(pieces, of: full)
    }
}

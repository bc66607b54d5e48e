internal import NewsMessages

/// The row of a list: an article without its body and its text issues.
enum EncodedRow {
    /// Numbers of article.proto.
    private static let body: UInt32 = 16
    private static let textIssues: UInt32 = 28

    /// What encoding the row would give, at a fraction of the time: fields are written in the order of their numbers,
    /// so those of the row are bytes of the whole article.
    ///
    /// - Parameter full: An article as `encoded` writes it.
    static func bytes(of full: [UInt8]) -> [UInt8] {
        var reader = WireReader()
        var pieces: [Range<Int>] = []
        var pieceStart = 0
        while true {
            let start = reader.offset
            guard let field = reader.next(in: full.span) else { break }
            guard field.number == body || field.number == textIssues else { continue }
            pieces.append(pieceStart..<start)
            pieceStart = reader.offset
        }
        precondition(reader.isAtEnd(of: full.span), "an encoded message consists of fields")
        pieces.append(pieceStart..<full.count)
        var row: [UInt8] = []
        row.reserveCapacity(pieces.reduce(0) { $0 + $1.count })
        for piece in pieces { row.append(contentsOf: full[piece]) }
        return row
    }
}

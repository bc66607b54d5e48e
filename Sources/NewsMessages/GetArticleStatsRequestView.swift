internal import Bytes

/// What GetArticleStats asks for, read where it lies.
package enum GetArticleStatsRequestView {
    /// Reads an encoded GetArticleStatsRequest. Allocates nothing.
    ///
    /// Takes and refuses what `GetArticleStatsRequest(decoding:)` takes and refuses, and reads the same from it.
    /// - Returns: where the name lies in `bytes`, empty when there is none.
    package static func read(_ bytes: Span<UInt8>) throws(MessageError) -> Range<Int> {
        var reader = WireReader()
        var name = 0..<0
        while let field = reader.next(in: bytes) {
            switch (field.number, field.content) {
            case (1, .bytes(let range)): name = range
            case (1, _): throw malformed
            default: continue
            }
        }
        guard reader.isAtEnd(of: bytes) else { throw malformed }
        try GetArticleRequestView.checkText(bytes, name)
        return name
    }

    private static var malformed: MessageError { .malformed(message: GetArticleStatsRequest.protoName) }
}

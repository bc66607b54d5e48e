internal import Bytes

/// What GetArticle asks for, read where it lies: the one request that comes by the million.
package enum GetArticleRequestView {
    /// Reads an encoded GetArticleRequest. Allocates nothing.
    ///
    /// Takes and refuses what `GetArticleRequest(decoding:)` takes and refuses, and reads the same from it.
    /// - Returns: where the name lies in `bytes`, empty when there is none, and the view.
    package static func read(
        _ bytes: Span<UInt8>
    ) throws(MessageError) -> (name: Range<Int>, view: ArticleView) {
        var reader = WireReader()
        var name = 0..<0
        var view = ArticleView.unspecified
        while let field = reader.next(in: bytes) {
            switch (field.number, field.content) {
            case (1, .bytes(let range)): name = range
            case (2, .varint(let value)): view = ArticleView(rawValue: Int32(truncatingIfNeeded: value))
            case (1, _), (2, _): throw malformed
            default: continue
            }
        }
        guard reader.isAtEnd(of: bytes) else { throw malformed }
        try checkText(bytes, name)
        return (name, view)
    }

    /// A name is ASCII, else it is worth a closer look.
    static func checkText(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(MessageError) {
        var offset = range.lowerBound
        while range.upperBound - offset >= 8, isPlain(bytes.littleEndian64(at: offset)) { offset += 8 }
        for index in offset..<range.upperBound where bytes[index] &- 1 >= 0x7F {
            let text = range.map { bytes[$0] }
            if text.contains(0) { throw .textHasNUL(field: "name") }
            guard String(validating: text, as: UTF8.self) != nil else { throw .textNotUTF8(field: "name") }
            return
        }
    }

    /// Whether all eight bytes are ASCII and none is 0.
    private static func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        return (word | (word &- ones)) & (ones << 7) == 0
    }

    private static var malformed: MessageError { .malformed(message: GetArticleRequest.protoName) }
}

import Bytes
import Testing

@Suite struct SpanComparisonTests {
    // An expectation takes no spans.
    private func equals(_ bytes: [UInt8], _ literal: StaticString) -> Bool { bytes.span.equals(literal) }

    private func holds(_ bytes: [UInt8], _ literal: StaticString, at offset: Int) -> Bool {
        bytes.span.holds(literal, at: offset)
    }

    private func areSame(_ left: [UInt8], _ right: [UInt8]) -> Bool { left.span.hasBytes(of: right.span) }

    @Test("bytes equal a literal in every place or not at all")
    func literals() {
        let whole = Array("grpc-accept-encoding".utf8)
        #expect(equals(whole, "grpc-accept-encoding"))
        #expect(!equals(whole, "grpc-accept-encodin") && !equals(whole, "grpc-accept-encodings"))
        for index in whole.indices {
            var other = whole
            other[index] ^= 1
            #expect(!equals(other, "grpc-accept-encoding"), "\(index)")
        }
        #expect(equals([], "") && !equals([], "te"))
    }

    @Test("a literal is found at its place only, and never beyond an end", arguments: [-1, 0, 15, 16, 17, 30])
    func places(offset: Int) {
        let bytes = Array("application/grpc+proto".utf8)
        #expect(holds(bytes, "application/grpc", at: offset) == (offset == 0))
        #expect(holds(bytes, "+proto", at: offset) == (offset == 16))
    }

    @Test("two pieces are the same in length and in every byte")
    func pieces() {
        #expect(areSame([1, 2, 3], [1, 2, 3]) && areSame([], []))
        #expect(!areSame([1, 2, 3], [1, 2, 4]) && !areSame([1, 2, 3], [1, 2]) && !areSame([1], []))
    }

    private func find(_ byte: UInt8, in bytes: [UInt8], from start: Int) -> Int? {
        bytes.span.firstIndex(of: byte, from: start)
    }

    @Test("a byte is found where it first stands, from a place on")
    func bytes() {
        let bytes = Array("a,b,c".utf8)
        #expect(find(44, in: bytes, from: 0) == 1 && find(44, in: bytes, from: 1) == 1)
        #expect(find(44, in: bytes, from: 2) == 3 && find(44, in: bytes, from: 4) == nil)
        #expect(find(44, in: bytes, from: 5) == nil && find(44, in: [], from: 0) == nil)
    }

    @Test(
        "characters are counted without being decoded",
        arguments: ["", "abc", "新闻 news é\0", "e\u{301}", "👩‍👩‍👧", String(repeating: "漢a", count: 1000)])
    func characters(text: String) {
        #expect(text.utf8Span.span.scalarCount == text.unicodeScalars.count)
    }
}

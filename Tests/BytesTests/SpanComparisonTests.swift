import Bytes
import Testing

@Suite struct SpanComparisonTests {
    @Test("bytes equal a literal in every place or not at all")
    func literals() {
        let whole = Array("grpc-accept-encoding".utf8)
        #expect(whole.span.equals("grpc-accept-encoding"))
        #expect(!whole.span.equals("grpc-accept-encodin") && !whole.span.equals("grpc-accept-encodings"))
        for index in whole.indices {
            var other = whole
            other[index] ^= 1
            #expect(!other.span.equals("grpc-accept-encoding"), "\(index)")
        }
        let none: [UInt8] = []
        #expect(none.span.equals("") && !none.span.equals("te"))
    }

    @Test("a literal is found at its place only, and never beyond an end")
    func places() {
        let bytes = Array("application/grpc+proto".utf8)
        #expect(bytes.span.holds("application/grpc") && bytes.span.holds("+proto", at: 16))
        #expect(!bytes.span.holds("+proto", at: 15) && !bytes.span.holds("+proto", at: 17))
        #expect(!bytes.span.holds("+proto", at: 30) && !bytes.span.holds("+proto", at: -1))
    }

    @Test("two pieces are the same in length and in every byte")
    func pieces() {
        let (left, right): ([UInt8], [UInt8]) = ([1, 2, 3], [1, 2, 4])
        #expect(left.span.hasBytes(of: left.span) && !left.span.hasBytes(of: right.span))
        #expect(left.span.extracting(0..<2).hasBytes(of: right.span.extracting(0..<2)))
        #expect(!left.span.hasBytes(of: right.span.extracting(0..<2)))
    }
}

import Bytes
import Testing

@Suite("Numbers in stored bytes") struct SpanNumbersTests {
    private let bytes: [UInt8] = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x88, 0x99]

    @Test("begin with their least significant byte, at any offset")
    func numbers() {
        #expect(bytes.span.littleEndian16(at: 0) == 0x0201)
        #expect(bytes.span.littleEndian16(at: 7) == 0x9988)
        #expect(bytes.span.littleEndian32(at: 1) == 0x0504_0302)
        #expect(bytes.span.littleEndian64(at: 0) == 0x8807_0605_0403_0201)
        #expect(bytes.span.littleEndian64(at: 1) == 0x9988_0706_0504_0302)
    }

    @Test(
        "are compared byte for byte, and by their count",
        arguments: [([], [], true), ([1], [1], true), ([1], [2], false), ([1], [1, 2], false), ([], [0], false)]
            as [([UInt8], [UInt8], Bool)])
    func equality(left: [UInt8], right: [UInt8], isEqual: Bool) {
        let result = left.span.hasBytes(of: right.span)
        #expect(result == isEqual)
    }
}

import Bytes
import Testing

@Suite struct SpanNumbersTests {
    private let bytes: [UInt8] = [0xff, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x88, 0x00]

    @Test("numbers are read least significant byte first, at any offset")
    func numbers() {
        let span = bytes.span
        let short = [span.littleEndian16(at: 0), span.littleEndian16(at: 8)]
        #expect(short == [0x01ff, 0x0088])
        let middle = [span.littleEndian32(at: 1), span.littleEndian32(at: 6)]
        #expect(middle == [0x0403_0201, 0x0088_0706])
        let long = [span.littleEndian64(at: 1), span.littleEndian64(at: 2)]
        #expect(long == [0x8807_0605_0403_0201, 0x0088_0706_0504_0302])
    }

    @Test(
        "bytes are equal when their number and each of them is",
        arguments: [
            ([], [], true), ([1], [1], true), ([1, 2, 3], [1, 2, 3], true), ([1], [], false), ([1, 2], [1, 3], false),
            ([1, 2], [1, 2, 3], false),
        ] as [([UInt8], [UInt8], Bool)])
    func equality(left: [UInt8], right: [UInt8], isEqual: Bool) {
        let oneWay = left.span.hasBytes(of: right.span)
        let otherWay = right.span.hasBytes(of: left.span)
        #expect(oneWay == isEqual)
        #expect(otherWay == isEqual)
    }

    @Test("a copy of lent bytes is theirs, alone or appended")
    func copies() {
        let none: [UInt8] = []
        let copy = [UInt8](copying: bytes.span)
        #expect(copy == bytes)
        var all: [UInt8] = [7]
        all.append(copying: none.span)
        all.append(copying: bytes.span.extracting(2..<4))
        #expect(all == [7, 2, 3])
    }
}

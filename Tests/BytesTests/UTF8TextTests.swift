import TestKit
import Testing

@testable import Bytes

@Suite("Text in UTF-8") struct UTF8TextTests {
    private static let common = ["a", "9", " ", "中", "，", "ع", "é", "ｚ"]
    private static let rare = ["😀", "अ", "퟿", "\"", "\\", "\n"].map { Array($0.utf8) }
    /// Nothing of it is UTF-8 (The Unicode Standard, table 3-7), the last of them but for what may follow.
    private static let wrong: [[UInt8]] = [
        [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
        [0xF4, 0x90, 0x80, 0x80], [0xF5], [0xFF], [0xE4, 0xB8, 0x41], [0xC3], [0xE4], [0xE4, 0xB8],
    ]

    /// Some hundred bytes of common characters, and in most of them something else.
    private static func text(_ random: inout SeededGenerator) -> [UInt8] {
        var pieces = (0..<Int.random(in: 0...80, using: &random)).map { _ in
            Array(common[Int.random(in: 0..<common.count, using: &random)].utf8)
        }
        for odd in [rare, wrong] where Bool.random(using: &random) {
            let piece = odd[Int.random(in: 0..<odd.count, using: &random)]
            pieces.insert(piece, at: Int.random(in: 0...pieces.count, using: &random))
        }
        return pieces.flatMap { $0 }
    }

    private func isRare(_ byte: UInt8, isQuoted: Bool) -> Bool {
        byte == 0xE0 || byte == 0xED || byte >= 0xF0 || isQuoted && (byte == 0x22 || byte == 0x5C || byte < 0x20)
    }

    @Test("what is passed over is well-formed and has nothing rare", arguments: 0..<8 as Range<UInt64>)
    func passed(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let bytes = Array("ab".utf8) + Self.text(&random)
            let isQuoted = Bool.random(using: &random)
            let end = bytes.span.endOfCommonText(from: 2, to: bytes.count, isQuoted: isQuoted)
            let passed = bytes[2..<end]
            #expect(String(validating: passed, as: UTF8.self) != nil, "\(bytes)")
            #expect(!passed.contains { isRare($0, isQuoted: isQuoted) }, "\(bytes)")
            // The block that it stops at begins up to two bytes later, and a character may end up to three behind it.
            let next = bytes[end..<min(end + 21, bytes.count)]
            let isOver = next.count < 21
            let hasOdd = next.contains { isRare($0, isQuoted: isQuoted) }
            let isWhole = (0..<4).contains { String(validating: next.dropLast($0), as: UTF8.self) != nil }
            #expect(isOver || hasOdd || !isWhole, "\(end) of \(bytes)")
        }
    }

    @Test("nothing is passed over at the start of the bytes, nor beyond the end that was said")
    func bounds() {
        let text = Array(String(repeating: "中文", count: 20).utf8)
        #expect(text.span.endOfCommonText(from: 0, to: text.count, isQuoted: false) == 0)
        #expect(text.span.endOfCommonText(from: 3, to: 18, isQuoted: false) == 3)
        #expect(text.span.endOfCommonText(from: 3, to: 19, isQuoted: false) == 18)
        #expect(text.span.endOfCommonText(from: 3, to: text.count, isQuoted: true) == 114)
        #expect(text.span.endOfCommonText(from: text.count, to: text.count, isQuoted: true) == text.count)
    }

    @Test("a character has the size that the standard library gives it", arguments: 0..<4 as Range<UInt64>)
    func sizes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let bytes = Self.text(&random)
            var place = 0
            while place < bytes.count, let size = bytes.span.characterSize(at: place, to: bytes.count) {
                let character = String(validating: bytes[place..<place + size], as: UTF8.self)
                #expect(character?.unicodeScalars.count == 1, "\(place) of \(bytes)")
                place += size
            }
            #expect((place == bytes.count) == (String(validating: bytes, as: UTF8.self) != nil), "\(bytes)")
        }
    }

    @Test(
        "a text ends where no character begins, and a quoted one before what JSON escapes",
        arguments: 0..<4 as Range<UInt64>)
    func ends(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let bytes = Self.text(&random)
            let end = bytes.span.endOfText(from: 0, to: bytes.count, isQuoted: false)
            #expect(String(validating: bytes[..<end], as: UTF8.self) != nil, "\(bytes)")
            let size = end < bytes.count ? bytes.span.characterSize(at: end, to: bytes.count) : nil
            #expect(size == nil, "\(end) of \(bytes)")
            let quoted = bytes.firstIndex { $0 == 0x22 || $0 == 0x5C || $0 < 0x20 } ?? end
            #expect(bytes.span.endOfText(from: 0, to: bytes.count, isQuoted: true) == min(end, quoted), "\(bytes)")
        }
    }

    @Test("bytes before the first that is not ASCII are counted", arguments: [0, 1, 7, 8, 9, 40])
    func ascii(count: Int) {
        let plain = [UInt8](repeating: 0x7F, count: count)
        #expect(plain.span.asciiCount == count)
        let text = plain + [0x80] + plain
        #expect(text.span.asciiCount == count)
    }
}

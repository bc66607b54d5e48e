import NewsImport
import TestKit
import Testing

@Suite("Any bytes as a capture")
struct CaptureReaderTests {
    @Test(
        "what is no text is refused with its place",
        arguments: [
            ([], .empty), (Array(" \n\u{3000}\r\n".utf8), .empty), ([0xEF, 0xBB, 0xBF], .empty),
            ([0x61, 0x0A, 0x62, 0xFF], .notUTF8(line: 2, offset: 3)),
            ([0xE4, 0xB8], .notUTF8(line: 1, offset: 0)), ([0x61, 0xC0, 0xAF], .notUTF8(line: 1, offset: 1)),
            ([0xED, 0xA0, 0x80], .notUTF8(line: 1, offset: 0)),
            ([0xF4, 0x90, 0x80, 0x80], .notUTF8(line: 1, offset: 0)),
            ([0x0A, 0x0A, 0x61, 0x00], .holdsNUL(line: 3, offset: 3)),
        ] as [([UInt8], CaptureError)])
    func refused(bytes: [UInt8], error: CaptureError) {
        #expect(throws: error) { try CaptureReader.read(bytes) }
    }

    @Test("a byte order mark is no text, and line ends don't matter", arguments: Fixture.pageNames)
    func lineEnds(name: String) throws {
        let text = String(decoding: try Fixture.bytes("pages/\(name).txt"), as: UTF8.self)
        var plain = try read(text)
        var marked = try read("\u{FEFF}" + text.replacing("\n", with: "\r\n") + "\r\n")
        for index in plain.articles.indices {
            plain.articles[index].rawText = ""
            marked.articles[index].rawText = ""
            plain.articles[index].issues = []
            marked.articles[index].issues = []
        }
        #expect(plain == marked)
    }

    @Test("every beginning of a capture is read or refused, and never makes up a time")
    func truncated() throws {
        for name in [DamagedSampleTests.name, ListingSampleTests.name] {
            let bytes = try Fixture.sample(name + ".txt")
            for count in stride(from: 0, to: bytes.count, by: 23) {
                let page = try? CaptureReader.read(Array(bytes[..<count]))
                for article in page?.articles ?? [] where article.kind == .page {
                    #expect(article.published.map { ["2024-03-13", "2024-03-13T15:55"].contains($0.text) } ?? true)
                }
            }
        }
    }

    @Test("lines in any order and characters in any place never trap", arguments: 0..<12)
    func shuffled(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed) * 7919 + 1)
        var lines = try Fixture.pageNames.flatMap { name in
            String(decoding: try Fixture.bytes("pages/\(name).txt"), as: UTF8.self).split(
                separator: "\n", omittingEmptySubsequences: false)
        }
        lines += String(decoding: try Fixture.sample(DamagedSampleTests.name + ".txt"), as: UTF8.self).split(
            separator: "\n")
        let spice = Array("()?？!！:：-—2024年月日,。“”《》评论首页<>/&;•\u{FFFD}zhì第号讯电记者 \u{3000}0".unicodeScalars)
        for _ in 0..<40 {
            var scalars = Array(lines.shuffled(using: &generator).prefix(12).joined(separator: "\n").unicodeScalars)
            for _ in 0..<30 where !scalars.isEmpty {
                let place = Int.random(in: 0..<scalars.count, using: &generator)
                switch generator.next() % 3 {
                case 0: scalars.remove(at: place)
                case 1: scalars.insert(spice[Int.random(in: 0..<spice.count, using: &generator)], at: place)
                default: scalars.swapAt(place, Int.random(in: 0..<scalars.count, using: &generator))
                }
            }
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            guard let page = try? read(String(text)) else { continue }
            for article in page.articles {
                #expect(article.issues.allSatisfy { $0.offset >= 0 && $0.offset < scalars.count })
                #expect(!article.rawText.isEmpty)
            }
        }
    }

    @Test(
        "a large page takes time in proportion to its size",
        arguments: [
            "質(zhì)量?!?/p>", "(((((((((((", "?!?!?;??", "百?gòu)", "<<<<<a", "0评论2026-03-0562\n", "一\n", "2024-", "来源:",
            "《", "“？！",
        ])
    func large(piece: String) throws {
        // A quadratic step over this many characters would take minutes.
        let count = 40_000 / piece.unicodeScalars.count
        _ = try read(String(repeating: piece, count: count))
    }
}

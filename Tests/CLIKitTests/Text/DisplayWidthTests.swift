import CLIKit
import Files
import TestKit
import Testing

@Suite("Display width") struct DisplayWidthTests {
    @Test(
        "counts columns, not characters",
        arguments: [
            ("", 0), ("abc", 3), ("温州市局", 8), ("三“量”", 6), ("e\u{301}", 1), ("ｱ", 1), ("Ａ", 2), ("한", 2),
            ("\u{1112}\u{1161}\u{11AB}", 2),
            ("😀", 2), ("👩‍👩‍👧‍👦", 2), ("👍🏽", 2), ("❤️", 2), ("☀", 1),
            ("1️⃣", 2), ("🇨🇳", 2), ("\u{200B}", 0), ("\u{1B}", 0),
            ("กำ", 2), ("के", 1), ("का", 2),
        ])
    func columns(text: String, expected: Int) {
        #expect(DisplayWidth().columns(of: text) == expected)
    }

    @Test("gives ambiguous characters one column, or two when asked to")
    func ambiguous() {
        #expect(DisplayWidth(ambiguous: 2).columns(of: "三“量”…") == 10)
        #expect(DisplayWidth(ambiguous: 1).columns(of: "三“量”…") == 7)
    }

    @Test("agrees with wcwidth 0.7.0 on thousands of strings")
    func againstWcwidth() throws {
        let lines = try fixture().split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.count == 3000)
        for line in lines {
            let fields = line.split(separator: "\t", maxSplits: 2)
            try #require(fields.count == 3)
            let text = String(fields[2])
            let scalars = text.unicodeScalars.map { String($0.value, radix: 16) }.joined(separator: " ")
            #expect(DisplayWidth().columns(of: text) == Int(fields[0]), "\(text): \(scalars)")
            #expect(DisplayWidth(ambiguous: 2).columns(of: text) == Int(fields[1]), "\(text): \(scalars)")
        }
    }

    private func fixture() throws -> String {
        let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        return String(decoding: try FileSystem.read("/\(root)/Tests/Fixtures/width/strings.txt"), as: UTF8.self)
    }
}

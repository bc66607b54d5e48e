import CLIKit
import Testing

@Suite("Text for terminals") struct SafeTextTests {
    @Test(
        "shows controls and obeys none",
        arguments: [
            ("a\u{1B}[31mb", "a␛[31mb"), ("a\nb\tc", "a b c"), ("\u{7F}\u{9B}31m", "␡\u{FFFD}31m"),
            ("a\u{202E}b\u{2066}c", "a\u{FFFD}b\u{FFFD}c"),
            ("温州 é😀", "温州 é😀"), ("\u{2028}x", " x"), ("a\r\nb", "a  b"), ("\u{0}", "␀"),
        ])
    func line(text: String, expected: String) {
        #expect(SafeText.line(text) == expected)
    }

    @Test("keeps the lines of a block")
    func block() {
        #expect(SafeText.block("a\n\tb\u{1B}c\rd") == "a\n\tb␛c␍d")
    }

    @Test("falls back to ASCII")
    func ascii() {
        #expect(SafeText.line("a\u{1B}b\u{9B}c", .ascii) == "a?b?c")
    }
}

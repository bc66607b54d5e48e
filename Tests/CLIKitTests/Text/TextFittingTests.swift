import CLIKit
import TestKit
import Testing

@Suite("Fitting text") struct TextFittingTests {
    private let width = DisplayWidth()

    @Test(
        "cuts by columns and marks the cut",
        arguments: [
            ("温州市局", 8, "温州市局"), ("温州市局", 7, "温州市…"), ("温州市局", 6, "温州…"), ("a温州", 4, "a温…"), ("abc", 3, "abc"),
            ("abc", 2, "a…"), ("abc", 1, "…"), ("abc", 0, ""), ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
            ("", 0, ""),
        ])
    func cuts(text: String, columns: Int, expected: String) {
        #expect(width.cut(text, to: columns, mark: "…") == expected)
    }

    @Test("never cuts to more columns than there are, whatever the text")
    func cutsFit() {
        var generator = SeededGenerator.forTest("cutsFit")
        let characters = Array("ab 温州😀e\u{301}，ｱ…")
        for _ in 0..<2000 {
            let text = String(
                (0..<Int.random(in: 0...20, using: &generator)).compactMap { _ in
                    characters.randomElement(using: &generator)
                })
            let columns = Int.random(in: 0...20, using: &generator)
            let cut = width.cut(text, to: columns, mark: "…")
            #expect(width.columns(of: cut) <= columns)
            #expect(cut == text || width.columns(of: text) > columns)
        }
    }

    @Test("pads to the left or to the right")
    func pads() {
        #expect(width.padded("温", to: 4) == "温  ")
        #expect(width.padded("7", to: 4, alignedRight: true) == "   7")
        #expect(width.padded("温州", to: 3) == "温州")
    }

    @Test(
        "breaks lines at spaces and between wide characters, but not before closing punctuation",
        arguments: [
            ("the quick brown fox", 10, ["the quick", "brown fox"]), ("温州市局坚持", 8, ["温州市局", "坚持"]),
            ("温州市局，坚持", 8, ["温州市", "局，坚持"]), ("提出“三量”工作", 8, ["提出“三", "量”工作"]), ("共《办法》", 4, ["共", "《办", "法》"]),
            ("abcdefghij", 4, ["abcd", "efgh", "ij"]), ("", 10, [""]), ("a  b", 10, ["a  b"]),
            ("word 温州 word", 7, ["word 温", "州 word"]),
        ])
    func wraps(paragraph: String, columns: Int, expected: [String]) {
        #expect(width.wrapped(paragraph, to: columns) == expected)
    }

    @Test("loses nothing but spaces, and fits, whatever the paragraph")
    func wrapsFit() {
        var generator = SeededGenerator.forTest("wrapsFit")
        let characters = Array("abcdef  温州市局，。“”《》（）😀")
        for _ in 0..<1000 {
            let text = String(
                (0..<Int.random(in: 0...60, using: &generator)).compactMap { _ in
                    characters.randomElement(using: &generator)
                })
            let columns = Int.random(in: 8...30, using: &generator)
            let lines = width.wrapped(text, to: columns)
            #expect(lines.allSatisfy { width.columns(of: $0) <= columns }, "\(lines)")
            #expect(lines.joined().filter { $0 != " " } == text.filter { $0 != " " })
        }
    }
}

/// One line of a page, repaired and ready to be matched.
struct PageLine {
    /// From 0.
    let index: Int
    /// Its place in the capture's text.
    let range: Range<Int>
    /// Repaired, with the white space at its ends.
    let untrimmed: [Unicode.Scalar]
    /// Repaired and trimmed: what is shown.
    let shown: Scalars
    /// As `shown`, index by index, but in simplified characters, with ASCII for its full-width twins and U+0020 for
    /// every white space. Grammars read this and cut `shown`.
    let folded: Scalars
    let issues: [CapturedIssue]

    init(index: Int, range: Range<Int>, repaired: RepairedLine) {
        self.index = index
        self.range = range
        untrimmed = repaired.text
        let trimmed = repaired.text[...].trimmed
        shown = trimmed.startIndex == 0 ? trimmed : Array(trimmed)[...]
        var folded = [Unicode.Scalar]()
        folded.reserveCapacity(shown.count)
        for index in 0..<shown.endIndex { folded.append(PageLine.fold(shown[index])) }
        self.folded = folded[...]
        issues = repaired.issues
    }

    var isBlank: Bool { shown.isEmpty }
    var text: String { shown.text }

    private static func fold(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if scalar.isASCII { return scalar == "\t" ? " " : scalar }
        if scalar.isBlank { return " " }
        switch scalar.value {
        case 0xFF01...0xFF5E: return Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
        default: return Han.simplified(scalar)
        }
    }

    /// A sentence or more, not a heading.
    var isProse: Bool {
        if folded.count > PageLine.titleMax || folded.contains("。") { return true }
        guard let last = folded.last else { return false }
        if ";:,、…".unicodeScalars.contains(last) { return true }
        if last == "." { return folded.count > 3 && folded[folded.endIndex - 2] != "." }
        return Byline.leadEnd(of: self) != nil
    }

    /// Longest title, in characters. The contract allows 500; pages keep to far less, and longer lines are text.
    private static let titleMax = 120

    /// A heading inside a text: "一、引言", "第一章 总则", "前言".
    var isSectionHead: Bool {
        let numbers = "一二三四五六七八九十0123456789".unicodeScalars
        var rest = folded.drop { $0 == "(" || $0 == "第" }
        let number = rest.prefix { numbers.contains($0) }
        rest = rest.dropFirst(number.count)
        if !number.isEmpty, let mark = rest.first {
            if "、.)章节条篇编".unicodeScalars.contains(mark), rest.count > 1 || mark != "." { return true }
        }
        let heads = ["前言", "引言", "摘要", "导语", "导读", "正文", "目录", "结语", "概述", "背景"]
        return folded.count <= 4 && heads.contains { folded.matches($0) }
    }
}

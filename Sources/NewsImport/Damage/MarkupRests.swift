/// Rests of HTML in a text.
enum MarkupRests {
    /// The index after a tag whose `<` was swallowed, such as `/p>`.
    static func endOfCutTag(in text: Scalars, at index: Int) -> Int? {
        var index = index
        if index < text.endIndex, text[index] == "/" { index += 1 }
        let name = index
        while index < text.endIndex, text[index].isLatinLetter { index += 1 }
        guard index > name, index - name <= 10, index < text.endIndex, text[index] == ">" else { return nil }
        return index + 1
    }

    /// The index after a whole tag at `index`. Attributes are skipped.
    static func endOfTag(in text: Scalars, at index: Int) -> Int? {
        guard index < text.endIndex, text[index] == "<" else { return nil }
        var end = index + 1
        if end < text.endIndex, text[end] == "/" { end += 1 }
        guard end < text.endIndex, text[end].isLatinLetter else { return nil }
        while end < text.endIndex, end - index < lengthMax, text[end] != "<" {
            if text[end] == ">" { return end + 1 }
            end += 1
        }
        return nil
    }

    /// Longest tag that is recognised, in characters.
    private static let lengthMax = 500

    /// A line of nothing but tags, with list marks around them.
    static func isOnlyTags(_ line: Scalars) -> Bool {
        var index = line.startIndex
        var tagCount = 0
        while index < line.endIndex {
            if let end = endOfTag(in: line, at: index) {
                tagCount += 1
                index = end
            } else if line[index].isBlank || line[index] == "•" || line[index] == "·" {
                index += 1
            } else {
                return false
            }
        }
        return tagCount > 0
    }

    /// What is left without tags of paragraphs and line breaks at both ends. Tags elsewhere may be what the text is
    /// about.
    static func core(of line: Scalars) -> Range<Int> {
        var start = line.startIndex
        while true {
            let at = line.afterBlanks(start)
            guard let end = endOfTag(in: line, at: at), isBlockTag(line[at..<end]) else { break }
            start = end
        }
        var end = line.endIndex
        while end > start {
            var last = end
            while last > start, line[last - 1].isBlank { last -= 1 }
            guard last > start, line[last - 1] == ">",
                let open = line[max(start, last - lengthMax)..<last].lastIndex(of: "<"),
                endOfTag(in: line[..<last], at: open) == last, isBlockTag(line[open..<last])
            else { break }
            end = open
        }
        return start..<end
    }

    private static func isBlockTag(_ tag: Scalars) -> Bool {
        let name = tag.dropFirst().drop { $0 == "/" }.prefix { $0.isLatinLetter }
        return ["p", "br", "div", "span", "P", "BR", "DIV"].contains { name.matches($0) }
    }
}

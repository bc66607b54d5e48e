extension DisplayWidth {
    /// The text if it fits into `columns`, else as much of it as leaves room for `mark`, and the mark.
    package func cut(_ text: String, to columns: Int, mark: String) -> String {
        if self.columns(of: text) <= columns { return text }
        let room = columns - self.columns(of: mark)
        guard room > 0 else { return room == 0 ? mark : "" }
        var kept = ""
        var used = 0
        for character in text {
            used += self.columns(of: character)
            if used > room { break }
            kept.append(character)
        }
        return kept + mark
    }

    package func padded(_ text: String, to columns: Int, alignedRight: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, columns - self.columns(of: text)))
        return alignedRight ? space + text : text + space
    }

    /// Breaks a paragraph into lines of at most `columns`.
    ///
    /// Lines break at spaces and on either side of a wide character, but not before closing nor after opening
    /// punctuation. A longer word is broken where the line ends.
    package func wrapped(_ paragraph: String, to columns: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        var lineColumns = 0
        for piece in pieces(of: paragraph) {
            let pieceColumns = self.columns(of: piece)
            let visible = self.columns(of: piece.droppingTrailingSpaces)
            if lineColumns > 0, lineColumns + visible > columns {
                lines.append(line.droppingTrailingSpaces)
                line = ""
                lineColumns = 0
            }
            guard visible > columns else {
                line += piece
                lineColumns += pieceColumns
                continue
            }
            for character in piece {  // A word longer than a line.
                let width = self.columns(of: character)
                if lineColumns > 0, lineColumns + width > columns {
                    lines.append(line.droppingTrailingSpaces)
                    line = ""
                    lineColumns = 0
                }
                line.append(character)
                lineColumns += width
            }
        }
        lines.append(line.droppingTrailingSpaces)
        return lines
    }

    /// The runs between which a line may break; a run ends with the spaces after it.
    private func pieces(of paragraph: String) -> [String] {
        var pieces: [String] = []
        var piece = ""
        var previous: Character?
        for character in paragraph {
            if let before = previous, mayBreak(between: before, and: character) {
                pieces.append(piece)
                piece = ""
            }
            piece.append(character)
            previous = character
        }
        if !piece.isEmpty { pieces.append(piece) }
        return pieces
    }

    private func mayBreak(between left: Character, and right: Character) -> Bool {
        if right == " " || Self.closing.contains(right) || Self.opening.contains(left) { return false }
        return left == " " || columns(of: left) == 2 || columns(of: right) == 2
    }

    /// What may not begin a line.
    private static let closing: Set<Character> = Set("，。、：；！？）》〉」』】〕］｝”’…—·,.:;!?)]}%％℃‰")
    /// What may not end a line.
    private static let opening: Set<Character> = Set("（《〈「『【〔［｛“‘([{￥$")
}

extension String {
    var droppingTrailingSpaces: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}

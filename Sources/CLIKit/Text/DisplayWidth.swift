/// How many columns text takes on a terminal.
///
/// Counted per grapheme: East Asian Wide and Fullwidth take two columns, combining marks and joiners none, an emoji
/// made of several code points as much as one (UAX #11, UTS #51). Terminals disagree on few texts; where they do, this
/// follows wcwidth 0.7.0.
package struct DisplayWidth: Sendable, Hashable {
    /// Columns of East Asian Ambiguous characters such as "…" and "“": 1, or 2 where fonts are East Asian.
    package var ambiguous: Int

    package init(ambiguous: Int = 1) { self.ambiguous = ambiguous }

    package func columns(of text: some StringProtocol) -> Int {
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text.utf8.count }
        return text.reduce(0) { $0 + columns(of: $1) }
    }

    package func columns(of character: Character) -> Int {
        if let ascii = character.asciiValue { return (0x20..<0x7F).contains(ascii) ? 1 : 0 }
        var total = 0
        var last: Unicode.Scalar?
        var joins = false
        for scalar in character.unicodeScalars {
            if joins {  // What a zero width joiner binds is drawn into what came before.
                joins = false
                continue
            }
            switch scalar.value {
            case 0x200D: joins = true
            case 0xFE0F:  // Emoji presentation widens a narrow symbol, also a digit before a keycap.
                if let base = last, base.properties.isEmoji, columns(of: base) == 1 { total += 1 }
                last = nil
            case 0x1F3FB...0x1F3FF where last?.properties.isEmojiModifierBase == true: break
            case 0x1F1E6...0x1F1FF where last != nil: break  // The second half of a flag.
            default:
                if WidthTable.spacing.holds(scalar.value) {
                    total += last == nil ? 0 : 1
                    last = nil
                    continue
                }
                let columns = columns(of: scalar)
                total += columns
                if columns > 0 { last = scalar }
            }
        }
        return total
    }

    private func columns(of scalar: Unicode.Scalar) -> Int {
        let value = scalar.value
        if value < 0x20 || (0x7F..<0xA0).contains(value) || WidthTable.zero.holds(value) { return 0 }
        if WidthTable.wide.holds(value) { return 2 }
        return ambiguous == 2 && WidthTable.ambiguous.holds(value) ? 2 : 1
    }
}

extension [UInt32] {
    /// Whether a value lies in one of the ascending ranges: first, last, first, last, ...
    fileprivate func holds(_ value: UInt32) -> Bool {
        var low = 0
        var high = count / 2
        while low < high {
            let middle = (low + high) / 2
            if self[2 * middle + 1] < value { low = middle + 1 } else { high = middle }
        }
        return low < count / 2 && self[2 * low] <= value
    }
}

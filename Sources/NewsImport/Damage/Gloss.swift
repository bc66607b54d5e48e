/// A reading that a page's software put behind a character: 質(zhì). Nothing else in brackets is one.
struct Gloss {
    var syllable: Han.Syllable
    /// The index after its closing bracket.
    var end: Int
    /// A space stands inside the brackets or before them.
    var isSpaced: Bool

    /// Reads a whole gloss, brackets included, at `index`.
    ///
    /// Shape: spaces, an opening bracket, one syllable with exactly one tone mark, a closing bracket. Spaces may also
    /// stand inside. A word without a tone mark, or one that is no syllable, is real text.
    init?(in text: Scalars, at index: Int) {
        let open = text.afterBlanks(index)
        guard open < text.endIndex, open - index <= 2, text[open] == "(" || text[open] == "（" else { return nil }
        guard let rest = Gloss(inside: text, at: open + 1) else { return nil }
        self = rest
        isSpaced = rest.isSpaced || open > index
    }

    /// Reads a gloss whose opening bracket was swallowed: the syllable and the closing bracket.
    init?(inside text: Scalars, at index: Int) {
        var syllable = Han.Syllable()
        var index = index
        var isSpaced = false
        while index < text.endIndex {
            let scalar = text[index]
            index += 1
            if scalar == ")" || scalar == "）" {
                guard syllable.markCount == 1, !Han.characters(reading: syllable).isEmpty else { return nil }
                self.syllable = syllable
                self.end = index
                self.isSpaced = isSpaced
                return
            }
            if scalar.isBlank, !isSpaced { isSpaced = true } else if !syllable.append(scalar) { return nil }
        }
        return nil
    }
}

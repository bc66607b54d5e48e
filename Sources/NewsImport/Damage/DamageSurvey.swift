/// What a whole page tells about its damage, before any line is repaired.
struct DamageSurvey {
    /// Glosses are damage here, not an author's help with a rare name.
    private(set) var hasGlosses = false
    /// The page's software put spaces into glosses, or behind them.
    private(set) var hasSpacedGlosses = false
    /// Characters that were glossed in their own place.
    private(set) var glossed: Set<Unicode.Scalar> = []
    /// The capture has full-width ASCII; otherwise it was narrowed, and so must be what repairs put in.
    private(set) var hasFullWidth = false
    /// Nothing on the page can need a repair.
    private(set) var isClean = true

    /// Readings are given to listed characters of a page in traditional script, so one on a traditional character is
    /// proof; without, it takes three different characters.
    private static let charactersMin = 3

    init(_ text: CaptureText) {
        var hasProof = false
        for (index, scalar) in text.scalars.enumerated() {
            if (0xFF01...0xFF5E).contains(scalar.value) { hasFullWidth = true }
            switch scalar {
            case "<", ">", "?", "？", "\u{FFFD}", "&": isClean = false
            case "(", "（":
                guard let gloss = Gloss(in: text.scalars[...], at: index) else { continue }
                isClean = false
                var before = index - 1
                if before >= 0, text.scalars[before].isBlank {
                    before -= 1
                    hasSpacedGlosses = true
                }
                guard before >= 0, text.scalars[before].isHan else { continue }
                glossed.insert(text.scalars[before])
                if Han.isTraditionalOnly(text.scalars[before]) { hasProof = true }
                if gloss.isSpaced { hasSpacedGlosses = true }
            default: break
            }
        }
        hasGlosses = hasProof || glossed.count >= Self.charactersMin
    }
}

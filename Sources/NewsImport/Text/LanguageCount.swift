/// Characters that tell in which language and script a text is written.
struct LanguageCount {
    private var han = 0
    private var traditional = 0
    private var simplified = 0
    private var latin = 0

    mutating func add(_ text: String) {
        for scalar in text.unicodeScalars {
            if scalar.isHan {
                han += 1
                if Han.isTraditionalOnly(scalar) { traditional += 1 }
                if Han.isSimplifiedOnly(scalar) { simplified += 1 }
            } else if scalar.isLatinLetter {
                latin += 1
            }
        }
    }

    mutating func add(_ other: LanguageCount) {
        han += other.han
        traditional += other.traditional
        simplified += other.simplified
        latin += other.latin
    }

    /// - Parameter whole: The count of the page, which decides where this one is balanced.
    /// - Returns: A BCP 47 tag, or "" when nothing tells.
    func code(within whole: LanguageCount) -> String {
        // A Han character carries about as much as two or three letters.
        if han * 3 < latin { return latin >= 3 ? "en" : "" }
        if han == 0 { return "" }
        if traditional != simplified { return traditional > simplified ? "zh-Hant" : "zh-Hans" }
        if whole.traditional != whole.simplified { return whole.traditional > whole.simplified ? "zh-Hant" : "zh-Hans" }
        return "zh"
    }
}

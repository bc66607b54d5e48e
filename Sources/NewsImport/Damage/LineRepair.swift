/// One line of a capture, repaired, with what was done.
struct RepairedLine {
    /// Without the white space at its ends only where that was damage.
    var text: [Unicode.Scalar]
    var issues: [CapturedIssue]
}

/// Repairs a line. Fields of the issues are named later, when it is known what the line is.
struct LineRepair {
    let text: Scalars
    let survey: DamageSurvey
    private var repaired: [Unicode.Scalar] = []
    private var issues: [CapturedIssue] = []
    private var dropsSpaces: Bool?

    static func repair(_ text: Scalars, survey: DamageSurvey) -> RepairedLine {
        guard !survey.isClean, !text.isEmpty else { return RepairedLine(text: Array(text), issues: []) }
        var repair = LineRepair(text, survey)
        repair.run()
        return RepairedLine(text: repair.repaired, issues: repair.issues)
    }

    private init(_ text: Scalars, _ survey: DamageSurvey) {
        self.text = text
        self.survey = survey
        repaired.reserveCapacity(text.count)
    }

    private mutating func run() {
        if MarkupRests.isOnlyTags(text) {
            note(.markup, text.startIndex..<text.endIndex, put: [], .certain)
            return
        }
        let core = MarkupRests.core(of: text)
        if core.lowerBound > text.startIndex {
            note(.markup, text.startIndex..<core.lowerBound, put: [], .certain)
        }
        var index = core.lowerBound
        while index < core.upperBound { index = step(at: index) }
        if core.upperBound < text.endIndex { note(.markup, core.upperBound..<text.endIndex, put: [], .certain) }
    }

    /// Takes the character at `index` and what belongs to it.
    /// - Returns: The index of the next character.
    private mutating func step(at index: Int) -> Int {
        let scalar = text[index]
        switch scalar {
        case "?", "？", "\u{FFFD}":
            if let end = straddle(at: index) { return end }
            if scalar == "\u{FFFD}" { return lostCharacters(at: index) }
        case "&":
            if let end = entity(at: index) { return end }
        default:
            guard survey.hasGlosses, index + 1 < text.endIndex, opensBrackets(text[index + 1]) else { break }
            if scalar.isHan, let end = gloss(after: index) { return end }
            if let end = glossOverASCII(at: index) { return end }
        }
        keep(index..<index + 1)
        return index + 1
    }

    /// Whether a gloss may begin with this character. Most characters are settled here.
    private func opensBrackets(_ scalar: Unicode.Scalar) -> Bool { scalar == "(" || scalar == "（" || scalar.isBlank }

    private mutating func keep(_ range: Range<Int>) {
        repaired.append(contentsOf: text[range])
    }

    private mutating func note(
        _ kind: CapturedIssue.Kind, _ range: Range<Int>, put: [Unicode.Scalar]?,
        _ confidence: CapturedIssue.Confidence
    ) {
        let raw = text[range].text
        issues.append(
            CapturedIssue(
                kind: kind, offset: range.lowerBound, raw: raw, replacement: put.map { $0[...].text } ?? raw,
                confidence: confidence))
    }

    /// Takes a character with the gloss behind it.
    private mutating func gloss(after index: Int) -> Int? {
        var end: Int
        var confidence = CapturedIssue.Confidence.certain
        if let gloss = Gloss(in: text, at: index + 1) {
            let matches = Han.has(text[index], reading: gloss.syllable)
            // With a space in front, only the character's own reading is surely no text of its own.
            if !matches, text[index + 1].isBlank { return nil }
            end = gloss.end
        } else if let empty = endOfEmptyBrackets(at: index + 1) {
            end = empty
            confidence = .derived
        } else {
            return nil
        }
        if end + 1 < text.endIndex, text[end].isBlank, text[end + 1].isHan, dropsSpacesAfterGlosses(),
            !isInsideTitle()
        {
            end += 1
        }
        repaired.append(text[index])
        note(.gloss, index..<end, put: [text[index]], confidence)
        return end
    }

    /// A gloss behind an ASCII character that forms a listed character with the second byte in front of it: nothing is
    /// shifted, it only stands in the wrong place.
    private mutating func glossOverASCII(at index: Int) -> Int? {
        guard (0x40...0x7E).contains(text[index].value), let before = repaired.last,
            let first = GBK.pair(before), let gloss = Gloss(in: text, at: index + 1),
            let listed = GBK.scalar(lead: first.trail, trail: UInt8(text[index].value)),
            Han.has(listed, reading: gloss.syllable)
        else { return nil }
        repaired.append(text[index])
        note(.straddledGloss, index..<gloss.end, put: [text[index]], .derived)
        return gloss.end
    }

    /// Brackets from which the reading vanished.
    private func endOfEmptyBrackets(at index: Int) -> Int? {
        let open = text.afterBlanks(index)
        guard open < text.endIndex, text[open] == "(", open - index <= 1 else { return nil }
        let close = text.afterBlanks(open + 1)
        return close < text.endIndex && close > open + 1 && close - open <= 3 && text[close] == ")" ? close + 1 : nil
    }

    /// Whether a space between a gloss and a Han character came with the gloss.
    ///
    /// So it is in prose, or where the page spaces its glosses; unless the line has such spaces without a gloss too,
    /// as between names or the items of a menu.
    private mutating func dropsSpacesAfterGlosses() -> Bool {
        if let dropsSpaces { return dropsSpaces }
        var isProse = survey.hasSpacedGlosses
        var separates = false
        for index in text.indices {
            if Self.proseMarks.contains(text[index]) { isProse = true }
            if text[index].isBlank, index > text.startIndex, text[index - 1].isHan,
                index + 1 < text.endIndex, text[index + 1].isHan
            {
                separates = true
            }
        }
        dropsSpaces = isProse && !separates
        return isProse && !separates
    }

    /// Titles in 《》 have spaces of their own.
    private func isInsideTitle() -> Bool {
        let near = repaired.suffix(60)
        guard let open = near.lastIndex(of: "《") else { return false }
        return near.lastIndex(of: "》").map { $0 < open } ?? true
    }

    private static let proseMarks: Set<Unicode.Scalar> = ["。", ",", "，", "、", ";", "；"]

    private mutating func straddle(at index: Int) -> Int? {
        let straddle = Straddle(text: text, survey: survey)
        if let before = repaired.last, before.isHan || GBK.pair(before) != nil {
            let start = index > text.startIndex && text[index - 1] == before ? index - 1 : index
            switch straddle.gloss(at: index, after: before) {
            case .repaired(let repair):
                let kept = start < index ? [before] : []
                note(.straddledGloss, start..<repair.end, put: kept + repair.replacement, .derived)
                repaired.append(contentsOf: repair.replacement)
                return repair.end
            case .damaged(let end):
                note(.straddledGloss, start..<end, put: nil, .none)
                keep(index..<end)
                return end
            case .intact: break
            }
        }
        switch straddle.punctuation(at: index, after: repaired.last) {
        case .repaired(let repair):
            note(.straddledPunctuation, index..<repair.end, put: repair.replacement, .derived)
            repaired.append(contentsOf: repair.replacement)
            return repair.end
        case .damaged(let end):
            note(.straddledPunctuation, index..<end, put: nil, .none)
            keep(index..<end)
            return end
        case .intact: return nil
        }
    }

    /// A run of replacement characters: what stood there is gone.
    private mutating func lostCharacters(at index: Int) -> Int {
        var end = index
        while end < text.endIndex, text[end] == "\u{FFFD}" { end += 1 }
        note(.decoding, index..<end, put: nil, .none)
        keep(index..<end)
        return end
    }

    private static let entities: [(name: String, character: Unicode.Scalar)] = [
        ("&nbsp;", " "), ("&amp;", "&"), ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&ldquo;", "“"),
        ("&rdquo;", "”"), ("&mdash;", "—"), ("&middot;", "·"), ("&#39;", "'"),
    ]

    private mutating func entity(at index: Int) -> Int? {
        for (name, character) in Self.entities {
            guard let end = text.end(of: name, at: index) else { continue }
            repaired.append(character)
            note(.markup, index..<end, put: [character], .certain)
            return end
        }
        return nil
    }
}

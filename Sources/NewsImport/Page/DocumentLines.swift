internal import NewsModel

/// Lines of orders and notices: their number, who signed them and when. They stand among the paragraphs.
struct DocumentLines {
    private var pendingLabel = ""
    private var isOrder = false
    private var isSigned = false

    private static let offices = [
        "局长", "部长", "主任", "署长", "院长", "总理", "主席", "省长", "市长", "行长", "会长", "书记", "厅长", "县长", "区长", "处长", "司长",
    ]

    /// Takes the line if it is one of them.
    mutating func take(_ line: PageLine, facts: inout PageFacts) -> Bool {
        let text = line.folded
        if !pendingLabel.isEmpty {
            let label = pendingLabel
            pendingLabel = ""
            if text.count <= 60, !text.contains("。") {
                takeNumber(line, label: label, facts: &facts)
                return true
            }
        }
        if let label = Label.name(text, at: text.startIndex), label.role == .document {
            if label.range.upperBound == text.endIndex {
                pendingLabel = label.name
                return true
            }
            if let match = Label.match(text, at: text.startIndex), text.count <= 100, !text.contains("。") {
                facts.take(match, value: text[match.range.upperBound...].trimmed, shown: line.shown)
                return true
            }
        }
        if text.first == "(", text.last == ")", isNumber(text) {
            takeNumber(line, label: "文号", facts: &facts)
            return true
        }
        return takeSignature(line, facts: &facts)
    }

    /// `…令第4号`, `…公告2020年第1号`.
    private func isNumber(_ text: Scalars) -> Bool {
        guard text.count <= 60, let range = text.range(of: "第") else { return false }
        return text[range.upperBound...].prefix(8).contains("号")
    }

    private mutating func takeNumber(_ line: PageLine, label: String, facts: inout PageFacts) {
        let value = line.folded.trimmed { "() ".unicodeScalars.contains($0) }
        facts.others.append(CapturedFact(label: label, value: line.shown[value.indices].text))
        isOrder = true
        guard facts.source.isEmpty, isNumber(value) else { return }
        for kind in ["令", "公告", "通告", "决定"] {
            guard let range = value.range(of: kind), range.lowerBound > value.startIndex else { continue }
            var issuer = value[..<range.lowerBound]
            // `总局局令`: the order of the office is named after the office itself.
            if issuer.count > 2, let last = issuer.last, issuer[issuer.endIndex - 2] == last {
                issuer = issuer.dropLast()
            }
            facts.source = line.shown[issuer.indices].text
            return
        }
    }

    /// `局 长  张勇`, and below it the day of the signature.
    private mutating func takeSignature(_ line: PageLine, facts: inout PageFacts) -> Bool {
        let text = line.folded
        guard text.count <= 30 else { return false }
        if let (time, end) = PrintedTime.read(text, at: text.startIndex), end == text.endIndex, isOrder || isSigned {
            if facts.published == nil { facts.published = time }
            return true
        }
        for office in Self.offices {
            let letters = Array(office.unicodeScalars)
            guard text.first == letters[0], case let second = text.afterBlanks(text.startIndex + 1),
                second < text.endIndex, text[second] == letters[1]
            else { continue }
            let name = text[(second + 1)...].trimmed { $0.isBlank || $0 == ":" }
            let joined = name.filter { !$0.isBlank }
            guard name.startIndex > second + 1, PersonNames.isName(joined[...]) else { return false }
            let shown = zip(line.shown[name.indices], name).filter { !$1.isBlank }.map(\.0)
            facts.others.append(CapturedFact(label: office, value: shown[...].text))
            isSigned = true
            return true
        }
        return false
    }
}

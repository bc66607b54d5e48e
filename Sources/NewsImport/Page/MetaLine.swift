internal import NewsModel

/// What one line of facts about an article says.
struct PageFacts {
    var published: CapturedTime?
    var updated: CapturedTime?
    var counts = CapturedCounts()
    var editor = ""
    var source = ""
    var channel = ""
    var authors: [String] = []
    var reporters: [String] = []
    var correspondents: [String] = []
    var labels: [String] = []
    var others: [CapturedFact] = []
    /// Names fused behind a date, still to be cut.
    var fusedNames = ""

    var isEmpty: Bool {
        published == nil && updated == nil && counts == CapturedCounts() && editor.isEmpty && source.isEmpty
            && channel.isEmpty && authors.isEmpty && reporters.isEmpty && correspondents.isEmpty && labels.isEmpty
            && others.isEmpty
    }
}

/// Grammars of the lines that stand below a title.
enum MetaLine {
    /// Longest such line, in characters.
    private static let lengthMax = 240

    static func read(_ line: PageLine, isDestoon: Bool) -> PageFacts? {
        guard line.folded.count <= lengthMax, !line.folded.contains("。") else { return nil }
        return labelled(line) ?? segmented(line) ?? postedBy(line) ?? fused(line, isDestoon: isDestoon)
            ?? sourceAndTime(line) ?? journalIssue(line)
    }

    // MARK: Labelled facts

    /// `发布日期:2019-04-17 03:28阅读:3579来源:国知局`, `2024-4-2 09:39| 發布者: admin| 查看: 702`, `- 页数:26`.
    private static func labelled(_ line: PageLine) -> PageFacts? {
        let text = line.folded
        let labels = Label.matches(in: text)
        guard let first = labels.first else { return nil }
        var facts = PageFacts()
        let before = text[..<first.range.lowerBound].trimmed { isPadding($0) || "()【】".unicodeScalars.contains($0) }
        if !before.isEmpty {
            guard let (time, range) = PrintedTime.find(in: before) else { return nil }
            facts.published = time
            let name = before[..<range.lowerBound].trimmed(isPadding)
            if !name.isEmpty { facts.take(writer: line.shown[name.indices], folded: name) }
        }
        for (place, label) in labels.enumerated() {
            let end = place + 1 < labels.count ? labels[place + 1].range.lowerBound : text.endIndex
            let value = text[label.range.upperBound..<end].trimmed(isPadding)
            facts.take(label, value: value, shown: line.shown)
        }
        // Fused keywords can't be cut and give none, but the line is one of keywords all the same.
        return facts.isEmpty && !labels.contains { $0.role == .keywords } ? nil : facts
    }

    /// Facts below or among the paragraphs: `(责任编辑:huamei)`, `关键词: 节日市场`. Times are taken only there where
    /// the label says that they are of the publication.
    static func closing(_ line: PageLine) -> PageFacts? {
        let text = line.folded
        let start = text.firstIndex { !"([【 ".unicodeScalars.contains($0) } ?? text.startIndex
        guard text.count <= 80, !text.contains("。"), let label = Label.match(text, at: start) else { return nil }
        switch label.role {
        case .editor, .source, .author, .reporter, .correspondent, .keywords: return labelled(line)
        case .published where label.name.hasPrefix("发布"): return labelled(line)
        case .published, .updated, .views, .likes, .favorites, .tips, .comments, .shares, .channel, .document, .other:
            return nil
        }
    }

    static func isPadding(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isBlank || "|-•·,;/[]*".unicodeScalars.contains(scalar)
    }

    // MARK: Segments

    /// `wmui / 3264人阅读`, `张三 | 2024-03-13 | 12次浏览`.
    private static func segmented(_ line: PageLine) -> PageFacts? {
        let parts = line.folded.split { "|/·".unicodeScalars.contains($0) }.map(\.trimmed)
        guard parts.count <= 8 else { return nil }
        var facts = PageFacts()
        var writers: [Scalars] = []
        // A date may be written with slashes, which are no separators then.
        if let (time, range) = PrintedTime.find(in: line.folded), line.folded[range].contains("/") {
            let before = line.folded[..<range.lowerBound].trimmed(isPadding)
            guard line.folded[range.upperBound...].trimmed(isPadding).isEmpty else { return nil }
            facts.published = time
            if !before.isEmpty { facts.take(writer: line.shown[before.indices], folded: before) }
            return before.count <= writerMax ? facts : nil
        }
        for part in parts where !part.isEmpty {
            if let (role, count) = countPhrase(part) {
                facts.take(count, as: role)
            } else if let (time, end) = PrintedTime.read(part, at: part.startIndex), end == part.endIndex {
                facts.published = facts.published ?? time
            } else {
                writers.append(part)
            }
        }
        guard facts.counts != CapturedCounts() || (facts.published != nil && parts.count > 1),
            writers.count <= 2, writers.allSatisfy({ $0.count <= writerMax })
        else { return nil }
        for writer in writers { facts.take(writer: line.shown[writer.indices], folded: writer) }
        return facts
    }

    /// Longest name of a writer or publisher in a line without labels, in characters.
    private static let writerMax = 30

    /// `3264人阅读`, `12次浏览`, `3条评论`, `5 views`; or the word first, `阅读 3264`.
    static func countPhrase(_ text: Scalars) -> (Label.Role, Int64)? {
        if let (value, end) = Count.read(text, at: text.startIndex) {
            var index = text.afterBlanks(end)
            if index < text.endIndex, "人次条个".unicodeScalars.contains(text[index]) { index += 1 }
            if text[index...].begins(with: "view") { return (.views, value) }
            if text[index...].begins(with: "comment") { return (.comments, value) }
            guard let label = Label.name(text, at: text.afterBlanks(index)), counted.contains(label.role),
                label.range.upperBound == text.endIndex
            else { return nil }
            return (label.role, value)
        }
        guard let label = Label.name(text, at: text.startIndex), counted.contains(label.role),
            let (value, end) = Count.read(text, at: text.afterBlanks(label.range.upperBound)), end == text.endIndex
        else { return nil }
        return (label.role, value)
    }

    private static let counted: Set<Label.Role> = [.views, .likes, .favorites, .tips, .comments, .shares]

    // MARK: Sentences

    /// `騰訊雲開發TCB發表於2020-06-07`, `张三 发布于 2020-06-07 12:00`.
    private static func postedBy(_ line: PageLine) -> PageFacts? {
        for verb in ["发表于", "发表於", "发布于", "发布於", "更新于", "Posted on"] {
            guard let range = line.folded.range(of: verb), range.lowerBound - line.folded.startIndex <= writerMax,
                let (time, end) = PrintedTime.read(line.folded, at: line.folded.afterBlanks(range.upperBound))
            else { continue }
            let rest = line.folded[end...].trimmed(isPadding)
            var facts = PageFacts()
            facts.published = time
            if !rest.isEmpty {
                guard let (role, count) = countPhrase(rest) else { return nil }
                facts.take(count, as: role)
            }
            var name = line.folded[..<range.lowerBound].trimmed(isPadding)
            for word in ["由", "作者"] where name.begins(with: word) { name = name.dropFirst(word.unicodeScalars.count) }
            name = name.trimmed(isPadding)
            if !name.isEmpty { facts.authors = [line.shown[name.indices].text] }
            return facts
        }
        return nil
    }

    /// `来自 最新出台 2019-12-13 00:10 的文章`: the section, and when it was posted there.
    static func fromLine(_ line: PageLine) -> PageFacts? {
        guard line.folded.begins(with: "来自"), line.folded.ends(with: "的文章"),
            let (time, range) = PrintedTime.find(in: line.folded)
        else { return nil }
        var facts = PageFacts()
        facts.published = time
        let channel = line.folded[(line.folded.startIndex + 2)..<range.lowerBound].trimmed
        facts.channel = line.shown[channel.indices].text
        return facts
    }

    /// `嘉峪检测网        2019-03-26 22:36`, `2018-12-28 17:19:12`, `July 22, 2019`.
    private static func sourceAndTime(_ line: PageLine) -> PageFacts? {
        guard let (time, range) = PrintedTime.find(in: line.folded), range.upperBound == line.folded.endIndex else {
            return nil
        }
        let name = line.folded[..<range.lowerBound].trimmed(isPadding)
        // A sentence or a title that ends with a date is no such line; nor is one with a date in Chinese words.
        let isSpaced = range.lowerBound > 0 && line.folded[range.lowerBound - 1].isBlank
        guard name.isEmpty || (isSpaced && name.count <= 20 && !name.contains(" ") && !name.contains(",")) else {
            return nil
        }
        var facts = PageFacts()
        facts.published = time
        if !name.isEmpty {
            guard time.precision.isInstant || Organizations.isLikely(name) || PersonNames.isName(name) else {
                return nil
            }
            facts.take(writer: line.shown[name.indices], folded: name)
        }
        return facts
    }

    /// `东南学术 2022年4期`: a journal and its issue.
    private static func journalIssue(_ line: PageLine) -> PageFacts? {
        let text = line.folded
        guard text.count <= writerMax, text.last == "期", let space = text.lastIndex(of: " "), space > text.startIndex,
            case let issue = text[(space + 1)...], issue.count >= 6, issue.prefix(4).allSatisfy({ $0.digit != nil }),
            issue[issue.startIndex + 4] == "年"
        else { return nil }
        let number = issue.dropFirst(5).dropLast().drop { $0 == "第" }
        guard !number.isEmpty, number.allSatisfy({ $0.digit != nil }) else { return nil }
        var facts = PageFacts()
        facts.source = line.text
        return facts
    }
}

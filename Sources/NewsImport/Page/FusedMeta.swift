internal import NewsModel

/// Facts printed without anything between them, as DESTOON's mobile pages do.
extension MetaLine {
    /// `2024-03-13 15:55480huamei浙江省药监局`: date, time, views, editor, source; the last three may be missing.
    ///
    /// The system pads dates and times, so their length tells where views begin. All digits that follow are views: an
    /// editor whose name begins with a digit can't be told from them. Editors are user names of the system, [a-z0-9_-];
    /// the rest is the source.
    static func fused(_ line: PageLine, isDestoon: Bool) -> PageFacts? {
        let text = line.folded
        guard text.count >= 10, text[text.startIndex].digit != nil,
            text.prefix(10).allSatisfy({ $0.digit != nil || $0 == "-" || $0 == "/" }),
            let (time, end) = PrintedTime.read(text, at: text.startIndex)
        else { return nil }
        var facts = PageFacts()
        facts.published = time
        var index = text.afterBlanks(end)
        if index == text.endIndex { return facts }
        if let (views, after) = text.number(at: index) {
            facts.counts.views = views
            index = text.afterBlanks(after)
        }
        let rest = text[index...]
        guard rest.count <= 60, !rest.contains(where: { ",;!?\"“".unicodeScalars.contains($0) }) else { return nil }
        let name = rest.prefix { ("a"..."z").contains($0) || $0.digit != nil || $0 == "_" || $0 == "-" }
        var source = rest.dropFirst(name.count)
        if !name.isEmpty {
            // An address goes on with a dot: no way to tell an editor in front of it.
            if let next = source.first, next == "." || next == "@" || next == ":" { return facts }
            facts.editor = line.shown[name.indices].text
        } else if source.begins(with: "管理员") {
            facts.editor = line.shown[source.prefix(3).indices].text
            source = source.dropFirst(3)
        }
        source = source.trimmed
        guard !source.isEmpty else { return facts }
        let isBare = facts.counts.views == nil && facts.editor.isEmpty
        if isBare, !isDestoon, !Organizations.isLikely(source) {
            // A time and then a writer is the usual order; behind a bare date it may be anyone, even several.
            facts.fusedNames = line.shown[source.indices].text
        } else {
            facts.source = line.shown[source.indices].text
        }
        return facts
    }
}

/// Counts as printed.
enum Count {
    /// `3264`, `1,234`, `1.2万`. The last is rounded by the page.
    static func read(_ text: Scalars, at index: Int) -> (value: Int64, end: Int)? {
        guard var (value, end) = text.number(at: index) else { return nil }
        while end + 3 < text.endIndex, text[end] == ",", let (group, after) = text.number(at: end + 1),
            after == end + 4, value <= Int64.max / 1000 - 1
        {
            (value, end) = (value * 1000 + group, after)
        }
        if end + 1 < text.endIndex, text[end] == ".", let tenth = text[end + 1].digit, end + 2 < text.endIndex,
            text[end + 2] == "万", value < 1_000_000_000
        {
            return (value * 10_000 + Int64(tenth) * 1000, end + 3)
        }
        if end < text.endIndex, text[end] == "万", value < 1_000_000_000 { return (value * 10_000, end + 1) }
        return (value, end)
    }
}

extension PageFacts {
    mutating func take(_ count: Int64, as role: Label.Role) {
        switch role {
        case .views: counts.views = counts.views ?? count
        case .likes: counts.likes = counts.likes ?? count
        case .favorites: counts.favorites = counts.favorites ?? count
        case .tips: counts.tips = counts.tips ?? count
        case .comments: counts.comments = counts.comments ?? count
        case .shares: counts.shares = counts.shares ?? count
        case .published, .updated, .editor, .source, .author, .reporter, .correspondent, .keywords, .channel, .document,
            .other:
            break
        }
    }

    /// A name without a label: a publisher by its ending, else a person.
    mutating func take(writer: Scalars, folded: Scalars) {
        if Organizations.isLikely(folded) || (folded.count > 4 && folded.allSatisfy(\.isHan)) {
            if source.isEmpty { source = writer.text }
        } else {
            authors += PersonNames.split(folded, writer)
        }
    }

    /// The value of a label. `value` is a piece of the folded line; `shown` is the whole line as shown.
    mutating func take(_ label: Label.Match, value: Scalars, shown: Scalars) {
        guard !value.isEmpty else { return }
        switch label.role {
        case .published:
            if published == nil { published = PrintedTime.readCoarse(value, at: value.startIndex)?.time }
        case .updated:
            if updated == nil { updated = PrintedTime.readCoarse(value, at: value.startIndex)?.time }
        case .views, .likes, .favorites, .tips, .comments, .shares:
            if let (count, _) = Count.read(value, at: value.startIndex) { take(count, as: label.role) }
        case .editor: if editor.isEmpty { editor = Self.name(value, shown) }
        case .source: if source.isEmpty { source = cutTime(value, shown) }
        case .channel: channel = shown[value.indices].text
        case .author: authors += PersonNames.split(value, shown[value.indices])
        case .reporter: reporters += PersonNames.split(value, shown[value.indices])
        case .correspondent: correspondents += PersonNames.split(value, shown[value.indices])
        case .keywords: labels += Keywords.split(value, shown[value.indices])
        case .document, .other: others.append(CapturedFact(label: label.name, value: shown[value.indices].text))
        }
    }

    private static func name(_ value: Scalars, _ shown: Scalars) -> String {
        shown[value.trimmed { "()[] ".unicodeScalars.contains($0) }.indices].text
    }

    /// A source behind which the time was printed without a label.
    private mutating func cutTime(_ value: Scalars, _ shown: Scalars) -> String {
        guard let (time, range) = PrintedTime.find(in: value), range.lowerBound > value.startIndex else {
            return Self.name(value, shown)
        }
        if published == nil { published = time }
        return Self.name(value[..<range.lowerBound].trimmed(MetaLine.isPadding), shown)
    }
}

/// Lists of keywords.
enum Keywords {
    /// Longest keyword without a separator that is taken for one, in Han characters. Longer runs are several fused
    /// ones, which can't be cut.
    private static let fusedMax = 8

    static func split(_ value: Scalars, _ shown: Scalars) -> [String] {
        let pieces = value.pieces { ",;、|/ ".unicodeScalars.contains($0) }
        if pieces.count == 1, pieces[0].count >= fusedMax, pieces[0].allSatisfy(\.isHan) { return [] }
        return pieces.map { shown[$0.indices].text }
    }
}

internal import NewsModel

/// Reads a page's main article from the lines above its listing: the head, then line by line the text, until the page's
/// end matter begins.
struct ArticleReader {
    private let lines: [PageLine]
    private let head: ArticleHead
    private var facts: PageFacts
    private var article = CapturedArticle(kind: .page, line: 1)
    /// The field of the article that each line went into.
    private var fields: [String]
    private var document = DocumentLines()

    var breadcrumb: [String] { head.breadcrumb }

    init(lines: [PageLine], isDestoon: Bool) {
        self.lines = lines
        head = ArticleHead(lines: lines, isDestoon: isDestoon)
        facts = head.aboveMenu ?? PageFacts()
        fields = Array(repeating: "", count: lines.count)
    }

    /// - Returns: `nil` when the lines hold no article.
    mutating func read() -> CapturedArticle? {
        if let title = head.title {
            article.title = lines[title].text
            article.line = title + 1
            fields[title] = "title"
        }
        if let subtitle = head.subtitle {
            article.subtitle = lines[subtitle].text
            fields[subtitle] = "subtitle"
        }
        for line in lines[..<head.bodyStart] { takeFacts(ofHeadLine: line) }
        let end = bodyEnd()
        for line in lines[head.bodyStart..<end] where !line.isBlank { take(line) }
        for line in lines[end...] where !line.isBlank { takeButton(line) }
        takeClosingCredit(before: end)
        guard !article.title.isEmpty || !article.paragraphs.isEmpty else { return nil }
        finish()
        return article
    }

    @discardableResult
    private mutating func takeFacts(ofHeadLine line: PageLine) -> Bool {
        guard line.index < head.roles.count, case .facts(let found) = head.roles[line.index] else { return false }
        let hadSource = !facts.source.isEmpty
        facts.take(found)
        fields[line.index] = !hadSource && !facts.source.isEmpty ? "source" : ""
        return true
    }

    /// Where comments, buttons or the footer begin. Before any text, such lines are part of the page's top.
    private func bodyEnd() -> Int {
        var hasText = head.title != nil
        for line in lines[head.bodyStart...] where !line.isBlank {
            if Furniture.engagement(line) != nil, isButtonBlock(at: line.index) { return line.index }
            if Furniture.isEnding(line) || Furniture.isEmptyComments(line) {
                if hasText { return line.index }
            } else if line.index >= head.roles.count || head.isTextLine(line.index) {
                hasText = true
            }
        }
        return lines.count
    }

    /// One button alone may stand anywhere; two and more are the block below an article.
    private func isButtonBlock(at index: Int) -> Bool {
        let next = lines[(index + 1)...].first { !$0.isBlank }
        return next.map { Furniture.engagement($0) != nil } ?? true
    }

    private mutating func takeButton(_ line: PageLine) {
        guard let (role, count) = Furniture.engagement(line), let role, let count else { return }
        facts.take(count, as: role)
    }

    // MARK: Lines of the text

    private mutating func take(_ line: PageLine) {
        if takeFacts(ofHeadLine: line) { return }
        if Furniture.isCaption(line) {
            article.captions.append(line.text)
            return
        }
        if Furniture.isButton(line) || (article.paragraphs.isEmpty && head.isFurniture(line.index)) { return }
        if article.paragraphs.isEmpty, takeOpening(line) { return }
        if document.take(line, facts: &facts) { return }
        if let found = MetaLine.closing(line) {
            facts.take(found)
            return
        }
        if article.paragraphs.count < Self.bylinesWithin, let byline = Byline(line) { facts.take(byline) }
        article.paragraphs.append(line.text)
        fields[line.index] = "body"
        if article.title.isEmpty, article.paragraphs.count == 1 { article.line = line.index + 1 }
    }

    /// A byline stands in one of the first paragraphs.
    private static let bylinesWithin = 4

    /// What may stand between the title and the text: the title again, writers, where they work, facts.
    private mutating func takeOpening(_ line: PageLine) -> Bool {
        if let title = head.title, line.folded == lines[title].folded { return true }
        if let names = PersonNames.list(line) {
            if facts.authors.isEmpty { facts.authors = names }
            if facts.fusedNames == names.joined() { facts.fusedNames = "" }
            fields[line.index] = "byline"
            return true
        }
        let isBracketed = line.folded.first == "(" && line.folded.last == ")"
        if isBracketed, !facts.authors.isEmpty, Organizations.isAddress(line.folded) {
            let inside = line.shown.dropFirst().dropLast()
            facts.others.append(CapturedFact(label: "单位", value: inside.text))
            return true
        }
        return false
    }

    /// `《中國質量報》` as the last line of the text.
    private mutating func takeClosingCredit(before end: Int) {
        guard article.paragraphs.count > 1, let last = lines[..<end].last(where: { !$0.isBlank }),
            fields[last.index] == "body", let name = Furniture.credit(last)
        else { return }
        article.paragraphs.removeLast()
        if facts.source.isEmpty {
            facts.source = name
            fields[last.index] = "source"
        } else {
            fields[last.index] = ""
        }
    }

    // MARK: The whole

    private mutating func finish() {
        article.published = facts.published ?? facts.updated
        article.counts = facts.counts
        article.editor = facts.editor
        article.source = facts.source
        article.authors = facts.authors.withoutRepeats
        article.reporters = facts.reporters.withoutRepeats
        article.correspondents = facts.correspondents.withoutRepeats
        article.labels = (head.labels + facts.labels).withoutRepeats
        article.facts = facts.others
        if !facts.channel.isEmpty {
            article.channel = facts.channel
        } else if let section = head.breadcrumb.last(where: { $0 != article.title }) {
            article.channel = section
        }
        article.issues = lines.flatMap { line in line.issues.map { $0.naming(fields[line.index]) } }
    }
}

extension ArticleHead {
    func isTextLine(_ index: Int) -> Bool {
        if index < roles.count, case .text = roles[index] { true } else { false }
    }

    func isFurniture(_ index: Int) -> Bool {
        if index < roles.count, case .furniture = roles[index] { true } else { false }
    }
}

extension PageFacts {
    /// Takes what is not known yet.
    mutating func take(_ other: PageFacts) {
        published = published ?? other.published
        updated = updated ?? other.updated
        counts.views = counts.views ?? other.counts.views
        counts.likes = counts.likes ?? other.counts.likes
        counts.favorites = counts.favorites ?? other.counts.favorites
        counts.tips = counts.tips ?? other.counts.tips
        counts.comments = counts.comments ?? other.counts.comments
        counts.shares = counts.shares ?? other.counts.shares
        if editor.isEmpty { editor = other.editor }
        if source.isEmpty { source = other.source }
        if channel.isEmpty { channel = other.channel }
        if authors.isEmpty { authors = other.authors }
        reporters += other.reporters
        correspondents += other.correspondents
        labels += other.labels
        others += other.others
        if fusedNames.isEmpty { fusedNames = other.fusedNames }
    }

    mutating func take(_ byline: Byline) {
        reporters += byline.reporters
        correspondents += byline.correspondents
        if source.isEmpty { source = byline.source }
    }
}

extension [String] {
    var withoutRepeats: [String] {
        var seen: Set<String> = []
        return filter { !$0.isEmpty && seen.insert($0).inserted }
    }
}

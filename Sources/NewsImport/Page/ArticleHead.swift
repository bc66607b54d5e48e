/// The head of an article's page: what stands above the first line of prose, and the title in it.
///
/// The title is the last block of lines above the facts about the article, or, without such facts, the first line that
/// can be one. A second line of the block is the deck. A page that opens with prose has no title.
struct ArticleHead {
    enum Role {
        case blank, furniture, breadcrumb, text
        case facts(PageFacts)
    }

    let lines: [PageLine]
    let isDestoon: Bool
    /// One for every line of the head.
    private(set) var roles: [Role] = []
    private(set) var breadcrumb: [String] = []
    private(set) var labels: [String] = []
    /// What a line above the menu says.
    private(set) var aboveMenu: PageFacts?
    /// Index of the title's line.
    private(set) var title: Int?
    private(set) var subtitle: Int?
    /// Index of the first line that may be text of the article.
    private(set) var bodyStart = 0

    init(lines: [PageLine], isDestoon: Bool) {
        self.lines = lines
        self.isDestoon = isDestoon
        for line in lines {
            guard let role = role(of: line) else { break }
            roles.append(role)
        }
        findTitle()
        if let title { bodyStart = (subtitle ?? title) + 1 } else { bodyStart = untitledStart() }
    }

    /// `nil` for prose.
    private mutating func role(of line: PageLine) -> Role? {
        if line.isBlank { return .blank }
        if Furniture.channel(line) != nil { return .furniture }
        if let levels = Furniture.breadcrumb(line) {
            if breadcrumb.isEmpty { breadcrumb = levels }
            return .breadcrumb
        }
        if let tag = Furniture.tag(line) {
            labels.append(tag)
            return .furniture
        }
        if let facts = MetaLine.fromLine(line) {
            // It belongs to the page's menu: no title is sought above it.
            aboveMenu = aboveMenu ?? facts
            return .furniture
        }
        if let facts = MetaLine.read(line, isDestoon: isDestoon) { return .facts(facts) }
        if Furniture.isMenuLine(line) || Furniture.isEnding(line) || Furniture.isCaption(line) { return .furniture }
        return line.isProse ? nil : .text
    }

    private func isText(_ index: Int) -> Bool {
        if index < roles.count, case .text = roles[index] { true } else { false }
    }

    private func isTitle(_ index: Int) -> Bool {
        guard isText(index), !lines[index].isSectionHead, PersonNames.list(lines[index]) == nil else { return false }
        let folded = lines[index].folded
        return Label.name(folded, at: folded.startIndex)?.range.upperBound != folded.endIndex
    }

    private mutating func findTitle() {
        let menuEnd = roles.lastIndex { if case .breadcrumb = $0 { true } else { false } }
        let start = menuEnd.map { $0 + 1 } ?? 0
        let firstFacts = roles[start...].firstIndex { if case .facts = $0 { true } else { false } }
        guard var block = firstFacts.map({ lastBlock(in: start..<$0) }) ?? firstBlock(from: start) else { return }
        if block.count > 1 {
            if let again = repeatedTitle(in: block) {
                block = again..<block.upperBound
            } else if isSiteName(lines[block.lowerBound]) {
                block = block.lowerBound + 1..<block.upperBound
            }
        }
        title = block.lowerBound
        let next = block.lowerBound + 1
        if next < block.upperBound, lines[next].folded != lines[block.lowerBound].folded { subtitle = next }
    }

    /// The last run of adjacent lines that can be titles, two at most: what stands above belongs to the page.
    private func lastBlock(in range: Range<Int>) -> Range<Int>? {
        guard let last = range.last(where: isTitle) else { return nil }
        return (last > range.lowerBound && isTitle(last - 1) ? last - 1 : last)..<last + 1
    }

    /// The first run of such lines, if there is anything below it that it can be the title of.
    private func firstBlock(from start: Int) -> Range<Int>? {
        guard let first = roles.indices.first(where: { $0 >= start && isTextOrProse($0) }), isTitle(first) else {
            return nil
        }
        let isAboveProse = roles.count < lines.count
        guard isAboveProse || roles[(first + 1)...].indices.contains(where: isText) else { return nil }
        let hasDeck = isAboveProse && isTitle(first + 1)
        return first..<first + (hasDeck ? 2 : 1)
    }

    private func isTextOrProse(_ index: Int) -> Bool { isText(index) || index >= roles.count }

    /// The line of a block that the page prints again below its facts.
    private func repeatedTitle(in block: Range<Int>) -> Int? {
        let below = lines[block.upperBound..<min(lines.count, block.upperBound + 12)]
        return block.first { index in below.contains { $0.folded == lines[index].folded } }
    }

    private func isSiteName(_ line: PageLine) -> Bool { line.folded.count <= 12 && Organizations.isLikely(line.folded) }

    /// Without a title the text begins with the first line of text, behind facts and menus.
    private func untitledStart() -> Int { roles.indices.first(where: isText) ?? roles.count }
}

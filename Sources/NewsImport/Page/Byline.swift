/// The opening of a news report: `本报讯 (丁 帅 记者 蔡美萍)`, `新华社北京12月28日电(记者刘荒、李坤晟)`.
///
/// Names behind 记者 are reporters, those behind 通讯员 correspondents. Names in front of the first such word have no
/// label: they are correspondents, who are named first or alone in the bracket of a report of one's own.
struct Byline {
    var reporters: [String] = []
    var correspondents: [String] = []
    /// The publisher in front of 讯 or 电, unless it only says "this paper".
    var source = ""

    private enum Role { case reporter, correspondent, other }
    private static let roles: [(word: String, role: Role)] = [
        ("见习记者", .reporter), ("实习记者", .reporter), ("首席记者", .reporter), ("特约记者", .reporter), ("全媒体记者", .reporter),
        ("本报记者", .reporter), ("本网记者", .reporter), ("特派记者", .reporter), ("记者", .reporter), ("实习生", .reporter),
        ("特约通讯员", .correspondent), ("通讯员", .correspondent), ("摄影", .other), ("图", .other),
    ]
    private static let ownNames = ["本报", "本网", "本刊", "本台", "本社", "本站"]

    /// Longest opening in front of 讯 or 电, in characters.
    private static let leadMax = 24

    /// The index after 讯 or 电 that opens a report, in folded text.
    static func leadEnd(of line: PageLine) -> Int? {
        let text = line.folded
        for index in text.indices.prefix(leadMax) {
            let scalar = text[index]
            if "。,、;:(\"“《【".unicodeScalars.contains(scalar) { return nil }
            guard scalar == "讯" || scalar == "电", index > text.startIndex else { continue }
            let before = text[text.startIndex..<index]
            guard isOpening(before) else { continue }
            let after = index + 1
            // A report goes on after a space, a bracket or with its text; 通讯 or 电话 are words.
            guard after < text.endIndex, text[after] == " " || text[after] == "(" || text[after] == "," else {
                continue
            }
            return after
        }
        return nil
    }

    private static func isOpening(_ before: Scalars) -> Bool {
        if ownNames.contains(where: { before.begins(with: $0) }) { return true }
        let place = before.firstIndex { $0.digit != nil } ?? before.endIndex
        let name = before[..<place].trimmed
        if before.last == "日", place < before.endIndex {
            return ["社", "网", "报", "台"].contains { name.contains($0) }
        }
        return Organizations.isLikely(name)
    }

    /// Reads the opening of a paragraph; `nil` when it is no such opening.
    init?(_ line: PageLine) {
        let text = line.folded
        let lead = Byline.leadEnd(of: line)
        var open = text.afterBlanks(lead ?? text.startIndex)
        if lead == nil {
            // A bracket that opens a paragraph is a byline only if it says so.
            guard open < text.endIndex, text[open] == "(", text[open...].prefix(40).contains("记者") else { return nil }
        }
        if let lead { source = Byline.source(line, lead: lead) }
        guard open < text.endIndex, text[open] == "(",
            let close = text[open...].prefix(80).firstIndex(of: ")")
        else {
            if source.isEmpty { return nil }
            return
        }
        open += 1
        readNames(text[open..<close], line.shown[open..<close])
    }

    private static func source(_ line: PageLine, lead: Int) -> String {
        let text = line.folded
        let before = text[text.startIndex..<lead - 1].trimmed
        if ownNames.contains(where: { before.begins(with: $0) }) { return "" }
        guard let digit = before.firstIndex(where: { $0.digit != nil }) else { return line.shown[before.indices].text }
        // `新华社北京12月28日电`: the place follows the publisher.
        let head = before[..<digit]
        guard let end = head.lastIndex(where: { "社网报台".unicodeScalars.contains($0) }) else { return "" }
        return line.shown[head.startIndex...end].text
    }

    private mutating func readNames(_ text: Scalars, _ shown: Scalars) {
        var start = text.startIndex
        var role = Role.correspondent
        var index = text.startIndex
        func close(_ end: Int, _ byline: inout Byline) {
            let names = PersonNames.split(text[start..<end], shown[start..<end])
                .filter { $0.unicodeScalars.count <= 12 }
            switch role {
            case .reporter: byline.reporters += names
            case .correspondent: byline.correspondents += names
            case .other: break
            }
        }
        var hasRole = false
        while index < text.endIndex {
            guard let (word, next) = Byline.roles.first(where: { text.end(of: $0.word, at: index) != nil }) else {
                index += 1
                continue
            }
            close(index, &self)
            hasRole = true
            role = next
            index += word.unicodeScalars.count
            if index < text.endIndex, text[index] == ":" { index += 1 }
            start = index
        }
        // Without a role the bracket must hold names alone; it may as well hold a place or a remark.
        let names = PersonNames.split(text[start...], text[start...]).map { Array($0.unicodeScalars)[...] }
        if hasRole || names.allSatisfy(PersonNames.isName) { close(text.endIndex, &self) }
    }
}

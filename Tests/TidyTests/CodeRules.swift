/// What Swift sources may say.
enum CodeRules {
    static let rules = [
        Rule("unsafe code stands in fences", dangerStaysFenced),
        Rule("nothing is forced", nothingIsForced),
        Rule("functions are short", functionsAreShort),
        Rule("no type is named as its module", modulesNameNoType),
        Rule("tests are named by sentences", testsAreSentences),
        Rule("tests never sleep", testsNeverSleep),
    ]

    @Sendable
    static func dangerStaysFenced(_ file: SourceFile) -> [Finding] {
        let fence = file.isTest && file.target.hasSuffix("Tests") ? String(file.target.dropLast(5)) : file.target
        guard !ImportRules.fences.contains(fence) else { return [] }
        return each(file) { tokens, index in
            let word = tokens[index]
            guard word.kind == .word else { return nil }
            let isUnchecked = word.text == "unchecked" && index > 0 && tokens[index - 1].isMark("@")
            guard isUnchecked || word.text.hasPrefix("unsafe") || word.text.contains("Unsafe") else { return nil }
            return "\"\(word.text)\" outside a fence"
        }
    }

    @Sendable
    static func nothingIsForced(_ file: SourceFile) -> [Finding] {
        each(file) { tokens, index in
            let word = tokens[index]
            guard word.isWord("try") || word.isWord("as"), index + 1 < tokens.count, tokens[index + 1].isMark("!"),
                tokens[index + 1].touches
            else { return nil }
            return "\"\(word.text)!\": handle what can go wrong"
        }
    }

    @Sendable
    static func functionsAreShort(_ file: SourceFile) -> [Finding] {
        let longest = 60
        guard !file.isGenerated else { return [] }
        let tokens = file.tokens
        return tokens.indices.compactMap { index in
            guard isFunction(tokens, at: index), let end = endOfBody(tokens, from: index + 1) else { return nil }
            let count = tokens[end].line - tokens[index].line + 1
            guard count > longest else { return nil }
            return Finding(
                path: file.path, line: tokens[index].line, message: "a function of \(count) lines, over \(longest)")
        }
    }

    private static func isFunction(_ tokens: [Token], at index: Int) -> Bool {
        let token = tokens[index]
        let isCall = index > 0 && tokens[index - 1].isMark(".")
        guard token.kind == .word, !isCall else { return false }
        return ["func", "init", "deinit", "subscript"].contains(token.text)
    }

    /// The brace that closes the body of the function declared before `index`; nil when it has none.
    private static func endOfBody(_ tokens: [Token], from index: Int) -> Int? {
        var depth = 0
        var open: Int?
        for next in index..<tokens.count {
            let token = tokens[next]
            guard token.kind != .string else { continue }
            if depth == 0, token.beginsLine, next > index, !continuesHead(tokens, at: next) { return nil }
            if token.isMark("(") || token.isMark("[") { depth += 1 }
            if token.isMark(")") || token.isMark("]") { depth -= 1 }
            if depth < 0 || (depth == 0 && token.isMark("}")) { return nil }
            if depth == 0, token.isMark("{") {
                open = next
                break
            }
        }
        guard let open else { return nil }
        var braces = 0
        for next in open..<tokens.count {
            if tokens[next].isMark("{") { braces += 1 }
            if tokens[next].isMark("}") { braces -= 1 }
            if braces == 0 { return next }
        }
        return nil
    }

    private static func continuesHead(_ tokens: [Token], at index: Int) -> Bool {
        let words: Set = ["where", "throws", "rethrows", "async", "{", "-", "&"]
        let before: Set = [",", ":", "&", ">", "where", "="]
        return words.contains(tokens[index].text) || before.contains(tokens[index - 1].text)
    }

    @Sendable
    static func modulesNameNoType(_ file: SourceFile) -> [Finding] {
        guard !file.isTest else { return [] }
        let kinds: Set = ["struct", "class", "enum", "actor", "protocol", "typealias"]
        return each(file) { tokens, index in
            guard index > 0, kinds.contains(tokens[index - 1].text), tokens[index].isWord(file.target) else {
                return nil
            }
            return "type \(file.target) hides its module: qualified names stop working"
        }
    }

    @Sendable
    static func testsAreSentences(_ file: SourceFile) -> [Finding] {
        guard file.isTest else { return [] }
        return each(file) { tokens, index in
            guard tokens[index].isWord("Test"), index > 0, tokens[index - 1].isMark("@") else { return nil }
            let first = index + 2 < tokens.count && tokens[index + 1].isMark("(") ? tokens[index + 2] : nil
            let words = first.map { $0.kind == .string ? $0.text.split(separator: " ").count : 0 } ?? 0
            return words >= 3 ? nil : "a test without a sentence that says what must hold"
        }
    }

    @Sendable
    static func testsNeverSleep(_ file: SourceFile) -> [Finding] {
        guard file.isTest else { return [] }
        let sleeps: Set = ["sleep", "usleep", "nanosleep", "sleepForTimeInterval"]
        return each(file) { tokens, index in
            guard tokens[index].kind == .word, sleeps.contains(tokens[index].text) else { return nil }
            return "a test sleeps: wait for what it waits for"
        }
    }

    private static func each(_ file: SourceFile, _ judge: ([Token], Int) -> String?) -> [Finding] {
        let tokens = file.tokens
        return tokens.indices.compactMap { index in
            judge(tokens, index).map { Finding(path: file.path, line: tokens[index].line, message: $0) }
        }
    }
}

/// Names of articles as they are typed: articles/ID, ID alone, or '-' for those on the input.
enum ArticleNames {
    static func resolved(_ names: [String], _ session: Session) throws -> [String] {
        var found: [String] = []
        for name in names { found += name == "-" ? try read(session.surroundings.input) : [name] }
        return found.map(resolved)
    }

    static func resolved(_ name: String) -> String { name.hasPrefix("articles/") ? name : "articles/" + name }

    /// Names on the input, one on each line; empty lines are passed over.
    private static func read(_ input: any ByteSource) throws -> [String] {
        guard let text = String(validating: try input.readAll(), as: UTF8.self) else {
            throw LocalError(message: "the input is not UTF-8")
        }
        return text.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix(while: \.isWhitespace) }
            .map { String($0.reversed().trimmingPrefix(while: \.isWhitespace).reversed()) }.filter { !$0.isEmpty }
    }
}

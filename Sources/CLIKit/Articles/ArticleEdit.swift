internal import NewsMessages
internal import NewsModel
internal import ProtoJSON

/// What `create` and `update` are to write, as options and a file tell it: fields, and the mask that names them.
struct ArticleEdit {
    private var members: [JSONMember] = []
    private(set) var mask: [String] = []

    /// Fields that are lists, which an option gives with commas between.
    private static let lists: Set<String> = ["labels", "byline.authors", "byline.reporters", "byline.correspondents"]

    var isEmpty: Bool { mask.isEmpty }

    /// Takes the fields of an article in JSON, from a file or with "-" the input. All that it has are to be changed.
    mutating func take(file: String, _ surroundings: Surroundings) throws {
        let source = file == "-" ? surroundings.input : try surroundings.files.open(file)
        let bytes = try source.readAll()
        let node: JSONNode
        do {
            node = try JSONReader.read(bytes)
        } catch {
            throw LocalError(message: "\(file): \(error)")
        }
        guard case .object(let found) = node.content else {
            throw LocalError(message: "the file holds \(node.kindName), not an article")
        }
        for member in found {
            let path = SchemaNames.snake(member.key)
            // A file that was printed by 'get' has what only the server sets.
            let isOutput = OutputOnlyFields.article.contains(path)
            if !isOutput { mask.append(path) }
            if !isOutput || path == "etag" { members.append(member) }
        }
    }

    /// Takes "field=value".
    mutating func take(setting text: String) throws {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw UsageError(message: "--set \(text): write field=value")
        }
        let path = SchemaNames.snake(String(parts[0]))
        let value = String(parts[1])
        let isList = Self.lists.contains(path)
        let items = value.split(separator: ",").map { JSONNode.string(String($0)) }
        set(path.split(separator: "."), isList ? .array(items) : .string(value))
        mask.append(path)
    }

    mutating func clear(_ field: String) { mask.append(SchemaNames.snake(field)) }

    private mutating func set(_ path: [Substring], _ value: JSONNode) {
        guard let first = path.first else { return }
        let key = String(first)
        let old = members.first { SchemaNames.snake($0.key) == key }?.value
        members.removeAll { SchemaNames.snake($0.key) == key }
        guard path.count > 1 else { return members.append(JSONMember(key, value)) }
        var inner = ArticleEdit()
        if case .object(let found) = old?.content { inner.members = found }
        inner.set(Array(path.dropFirst()), value)
        members.append(JSONMember(key, JSONNode(.object(inner.members))))
    }

    func article() throws -> Article {
        do {
            return try ArticleShape().article(of: JSONNode(.object(members)))
        } catch let error as JSONError {
            throw LocalError(message: "\(error)")
        }
    }
}

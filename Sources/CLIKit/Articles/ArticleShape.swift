internal import NewsMessages
internal import ProtoJSON

/// Articles as JSON that people and scripts like to read.
///
/// It is the ProtoJSON form with three differences: 64-bit integers are numbers, enumerations lack their prefix, and
/// `stats` holds every counter that is known, zeros included, and none that is not, in place of the list `known`.
struct ArticleShape: Sendable {
    private static let article = "news.v1.Article"

    /// Counters by their name in `known`, in the order of their numbers.
    private static let counters: KeyValuePairs = [
        "VIEWS": "viewCount", "LIKES": "likeCount", "FAVORITES": "favoriteCount", "TIPS": "tipCount",
        "COMMENTS": "commentCount", "SHARES": "shareCount",
    ]

    private static let counterKeys = counters.map { name, key in
        (name: name, keys: [key, key.replacing("Count", with: "_count")])
    }

    private static let schema = Result { try Schema(fileDescriptorSet: DescriptorSet.bytes) }

    private let mapping: JSONMapping

    init() throws {
        mapping = JSONMapping(try Self.schema.get(), .init(writesInt64AsNumber: true, shortensEnums: true))
    }

    /// Any other message, in the same form.
    func plain<Message: ProtoMessage>(_ message: Message) throws -> JSONNode {
        try mapping.node(of: message.encoded(), as: Message.protoName)
    }

    /// A change with its article, in the same form.
    func node(of change: ArticleChange) throws -> JSONNode {
        var node = try mapping.node(of: change.encoded(), as: "news.v1.ArticleChange")
        guard let article = change.article, case .object(var members) = node.content else { return node }
        for place in members.indices where members[place].key == "article" {
            members[place].value = try self.node(of: article)
        }
        node.content = .object(members)
        return node
    }

    func node(of article: Article) throws -> JSONNode {
        var node = try mapping.node(of: article.encoded(), as: Self.article)
        guard case .object(var members) = node.content else { return node }
        for place in members.indices.reversed() where members[place].key == "stats" {
            let counts = knownCounts(in: members[place].value)
            if counts.isEmpty { members.remove(at: place) } else { members[place].value = JSONNode(.object(counts)) }
        }
        node.content = .object(members)
        return node
    }

    /// - Throws: `JSONError` with the field at fault.
    func article(of node: JSONNode) throws -> Article {
        var node = node
        if case .object(var members) = node.content {
            for place in members.indices where members[place].key == "stats" {
                members[place].value = namingKnown(members[place].value)
            }
            node.content = .object(members)
        }
        let bytes = try mapping.bytes(of: node, as: Self.article)
        return try Article(decoding: bytes.span)
    }

    /// The wire bytes of an article in a text that has nothing unusual. `nil`: `article(of:)` takes it or says what is
    /// wrong.
    ///
    /// - Parameter start: Fields that the article has unless the text says otherwise, in wire bytes.
    func plainBytes(ofArticle text: [UInt8], in range: Range<Int>, after start: [UInt8]) -> [UInt8]? {
        mapping.plainBytes(of: text, in: range, as: Self.article, after: start, completing: Self.knownCounters)
    }

    /// Counters that are written, as what they are known by. A text that lists them itself is none that is plain.
    private static let knownCounters = JSONMapping.Completion(of: ArticleStats.protoName) { given in
        var stats = ArticleStats()
        stats.known = counterFields.filter { given.contains($0.key) }.map(\.value)
        return stats.encoded()
    }

    private static let counterFields: KeyValuePairs<String, Counter> = [
        "viewCount": .views, "likeCount": .likes, "favoriteCount": .favorites, "tipCount": .tips,
        "commentCount": .comments, "shareCount": .shares,
    ]

    /// A `google.rpc.Status` with its details unpacked, as the answer to a failed call carried it.
    func node(ofStatus bytes: [UInt8]) throws -> JSONNode { try mapping.node(of: bytes, as: "google.rpc.Status") }

    private func knownCounts(in stats: JSONNode) -> [JSONMember] {
        guard case .array(let known) = stats["known"]?.content else { return [] }
        return Self.counters.compactMap { name, key in
            known.contains { $0.content == .string(name) } ? JSONMember(key, stats[key] ?? .number(0)) : nil
        }
    }

    /// A counter that is written is known, also when it is 0; without the list only those above 0 would be.
    private func namingKnown(_ stats: JSONNode) -> JSONNode {
        guard case .object(let members) = stats.content, stats["known"] == nil else { return stats }
        let given = members.filter { $0.value.content != .null }.map(\.key)
        let known = Self.counterKeys.filter { _, keys in keys.contains { given.contains($0) } }
        guard !known.isEmpty else { return stats }
        let list = JSONNode.array(known.map { .string($0.name) })
        return JSONNode(.object(members + [JSONMember("known", list)]), offset: stats.offset)
    }
}

/// How names of a schema are written in Swift and in protobuf-c's C.
enum Naming {
    /// `news/v1/article.proto` -> `NewsV1Article`.
    static func fileStem(_ path: String) -> String {
        let stem = path.hasSuffix(".proto") ? path.dropLast(6) : path[...]
        return stem.split { $0 == "/" || $0 == "_" }.map(capitalized).joined()
    }

    static func capitalized(_ word: some StringProtocol) -> String { word.prefix(1).uppercased() + word.dropFirst() }

    /// `GetArticle` -> `getArticle`.
    static func lowerFirst(_ word: some StringProtocol) -> String { word.prefix(1).lowercased() + word.dropFirst() }

    /// `NOT_SERVING` -> `notServing`.
    static func lowerCamel(_ upperSnake: some StringProtocol) -> String {
        lowerFirst(upperSnake.split(separator: "_").map { capitalized($0.lowercased()) }.joined())
    }

    /// `ArticleView` -> `ARTICLE_VIEW`.
    static func upperSnake(_ name: String) -> String { snake(name).uppercased() }

    /// The value of an enum without the prefix that repeats the enum's name.
    static func enumValue(_ value: String, of enumName: String) -> String {
        let prefix = upperSnake(enumName) + "_"
        let rest = value.hasPrefix(prefix) ? value.dropFirst(prefix.count) : value[...]
        return escaped(lowerCamel(rest))
    }

    /// A word that is a keyword where a member is declared needs back quotes.
    static func escaped(_ name: String) -> String {
        let keywords: Set<String> = [
            "as", "break", "case", "catch", "class", "continue", "default", "defer", "deinit", "do", "else", "enum",
            "extension", "fallthrough", "false", "for", "func", "guard", "if", "import", "in", "init", "inout",
            "internal", "is", "let", "nil", "operator", "private", "protocol", "public", "repeat", "return", "self",
            "static", "struct", "subscript", "super", "switch", "throw", "throws", "true", "try", "var", "where",
            "while",
        ]
        return keywords.contains(name) ? "`\(name)`" : name
    }

    /// What tells a type of a package that was not final apart from its successor, which has the same name.
    static func prefix(of fullName: String) -> String { fullName.contains(".v1alpha.") ? "Alpha" : "" }

    /// `news.v1.GetArticleRequest` -> `News__V1__GetArticleRequest`.
    static func cType(_ fullName: String) -> String {
        fullName.split(separator: ".").map(capitalized).joined(separator: "__")
    }

    /// `news.v1.GetArticleRequest` -> `news__v1__get_article_request`, the stem of its functions.
    static func cFunctionStem(_ fullName: String) -> String {
        fullName.split(separator: ".").map { snake(String($0)) }.joined(separator: "__")
    }

    /// `GetArticle` -> `get_article`.
    private static func snake(_ name: String) -> String {
        var result = ""
        var previousIsUpper = true
        for character in name {
            if character.isUppercase && !previousIsUpper { result += "_" }
            previousIsUpper = character.isUppercase
            result += character.lowercased()
        }
        return result
    }
}

/// The Swift type of each message and enum.
struct SwiftNames {
    /// Types whose own name is taken: by another file here, by Swift, or by the habits of its readers.
    private static let renamed = [
        "google.protobuf.Any": "AnyMessage",
        "google.protobuf.Duration": "ProtoDuration",
        "google.rpc.Status": "RPCStatus",
    ]

    private var types: [String: String] = [:]
    private var mapEntries: [String: MessageType] = [:]

    init(_ schema: Schema) throws(GeneratorError) {
        for file in schema.files {
            for message in file.messages { add(message, scope: "", prefix: Naming.prefix(of: message.fullName)) }
            for item in file.enums { add(item.fullName, Naming.prefix(of: item.fullName) + item.name, scope: "") }
        }
        var owners: [String: String] = [:]
        for (fullName, name) in types.sorted(by: { $0.key < $1.key }) {
            if let other = owners.updateValue(fullName, forKey: name) {
                throw .rule(place: fullName, reason: "would be called \(name) in Swift, as \(other) is")
            }
        }
    }

    private mutating func add(_ fullName: String, _ name: String, scope: String) {
        types[fullName] = scope + (Self.renamed[fullName] ?? name)
    }

    private mutating func add(_ message: MessageType, scope: String, prefix: String = "") {
        guard !message.isMapEntry else { return mapEntries[message.fullName] = message }
        add(message.fullName, prefix + message.name, scope: scope)
        let inner = type(message.fullName) + "."
        for nested in message.messages { add(nested, scope: inner) }
        for nested in message.enums { add(nested.fullName, nested.name, scope: inner) }
    }

    /// The type as written from outside: `HealthCheckResponse.ServingStatus`.
    func type(_ fullName: String) -> String { types[fullName] ?? fullName }

    /// The last part of `type`, as its declaration writes it.
    func ownName(_ fullName: String) -> String { String(type(fullName).split(separator: ".").last ?? "") }

    /// The entry whose repetition is a map, when the field is one.
    func mapEntry(_ field: FieldType) -> MessageType? {
        guard case .message(let name) = field.kind else { return nil }
        return mapEntries[name]
    }

    /// The type of one value of the field.
    func elementType(_ field: FieldType) -> String {
        switch field.kind {
        case .double: "Double"
        case .float: "Float"
        case .int32, .sint32, .sfixed32: "Int32"
        case .int64, .sint64, .sfixed64: "Int64"
        case .uint32, .fixed32: "UInt32"
        case .uint64, .fixed64: "UInt64"
        case .bool: "Bool"
        case .string: "String"
        case .bytes: "[UInt8]"
        case .message(let name), .enumeration(let name): type(name)
        case .group: "Never"  // Refused by SchemaRules.
        }
    }

    /// The field's property: its type, and the value that stands for "not set".
    func property(_ field: FieldType) -> (type: String, initial: String?) {
        if let entry = mapEntry(field) { return ("[String: \(elementType(entry.fields[1]))]", "[:]") }
        let element = elementType(field)
        if field.isRepeated { return ("[\(element)]", "[]") }
        switch field.kind {
        case .message: return (element + "?", nil)
        case .enumeration: return (element, "\(element)(rawValue: 0)")
        case .string: return (element, "\"\"")
        case .bytes: return (element, "[]")
        case .bool: return (element, "false")
        default: return (element, "0")
        }
    }

    func member(_ field: FieldType) -> String { Naming.escaped(field.jsonName) }

    /// The enum type of a oneof, and the property that holds it.
    func oneof(_ name: String) -> (type: String, member: String) {
        let camel = Naming.lowerCamel(name)
        return (Naming.capitalized(camel), Naming.escaped(camel))
    }
}

/// The messages and enumerations of a descriptor set, ready to be looked up.
package struct Schema: Sendable {
    var messages: [MessageSchema] = []
    var enumerations: [EnumSchema] = []
    var messageIndex: [String: Int] = [:]

    /// The message of a full name, such as `news.v1.Article`.
    func message(named name: String) -> MessageSchema? { messageIndex[name].map { messages[$0] } }

    /// The full names of all messages, map entries aside.
    package var messageNames: [String] { messages.filter { !$0.isMapEntry }.map(\.name) }
}

struct MessageSchema: Sendable {
    /// Full name without a leading dot.
    let name: String
    /// Set for a message that has a JSON form of its own.
    let wellKnown: WellKnownType?
    /// In the order of their declaration.
    var fields: [FieldSchema] = []
    /// The compiler's own message behind a `map` field: key 1, value 2.
    var isMapEntry = false
    private(set) var byNumber: [Int: Int] = [:]
    /// By JSON name and by original name.
    private(set) var byName: [String: Int] = [:]

    init(name: String) {
        self.name = name
        wellKnown = WellKnownType(name)
    }

    mutating func index() {
        for (place, field) in fields.enumerated() {
            byNumber[field.number] = place
            byName[field.name] = place
            byName[field.jsonName] = place
        }
    }
}

struct FieldSchema: Sendable {
    var name: String
    var jsonName: String
    var number: Int
    var kind: FieldKind
    var isRepeated: Bool
    /// Fields of one message with the same number here exclude each other.
    var oneof: Int?
    /// Whether "absent" and "default" differ: messages, members of a oneof, `optional`.
    var hasPresence: Bool
}

enum FieldKind: Sendable, Equatable {
    case double, float, bool, string, bytes
    case int32, sint32, sfixed32, uint32, fixed32
    case int64, sint64, sfixed64, uint64, fixed64
    /// Index into `Schema.messages`.
    case message(Int)
    /// Index into `Schema.enumerations`.
    case enumeration(Int)

    var isPackable: Bool {
        switch self {
        case .string, .bytes, .message: false
        default: true
        }
    }
}

struct EnumSchema: Sendable {
    /// Full name, such as `news.v1.TimePrecision`.
    let name: String
    /// In the order of their declaration, so that the first of several names of a number is the one printed.
    private(set) var values: [(name: String, number: Int32)] = []
    private let prefix: String
    private var numbers: [String: Int32] = [:]

    init(name: String) {
        self.name = name
        prefix = SchemaNames.valuePrefix(ofEnumeration: name.split(separator: ".").last ?? "")
    }

    mutating func append(_ value: String, _ number: Int32) {
        values.append((value, number))
        for spelling in [value, Self.shortened(value, prefix)] where numbers[spelling] == nil {
            numbers[spelling] = number
        }
    }

    /// The name of a number: `DAY` if short, else `TIME_PRECISION_DAY`. `nil`: not a value of this enumeration.
    func name(of number: Int32, short: Bool) -> String? {
        guard let name = values.first(where: { $0.number == number })?.name else { return nil }
        return short ? Self.shortened(name, prefix) : name
    }

    /// The number of a name, given with or without the prefix.
    func number(of name: String) -> Int32? { numbers[name] }

    private static func shortened(_ name: String, _ prefix: String) -> String {
        let rest = name.dropFirst(prefix.count)
        guard name.hasPrefix(prefix), let first = rest.first, !first.isNumber else { return name }
        return String(rest)
    }
}

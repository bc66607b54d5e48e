/// A set of .proto files, as far as code follows from them.
///
/// Plain values: nothing here knows protobuf-c or Swift's names.
struct Schema {
    var files: [SchemaFile]

    /// All messages, nested ones after the one they lie in.
    var messages: [MessageType] { files.flatMap { $0.messages.flatMap(\.withNested) } }
    var services: [ServiceType] { files.flatMap(\.services) }
}

struct SchemaFile {
    /// Path below Protos/, such as `news/v1/article.proto`.
    var name: String
    var package: String
    var syntax: String
    var messages: [MessageType]
    var enums: [EnumType]
    var services: [ServiceType]
}

struct MessageType {
    var name: String
    /// `news.v1.Article`; nested types follow after further dots.
    var fullName: String
    var comment: String
    var fields: [FieldType]
    /// Names of the oneofs, in the order that fields refer to.
    var oneofs: [String]
    var messages: [MessageType]
    var enums: [EnumType]
    /// The entry of a map, made by protoc and never written as a type.
    var isMapEntry: Bool

    var withNested: [MessageType] { [self] + messages.flatMap(\.withNested) }
}

struct FieldType {
    enum Kind: Equatable {
        case double, float, int32, int64, uint32, uint64, sint32, sint64
        case fixed32, fixed64, sfixed32, sfixed64, bool, string, bytes, group
        /// The full names of their types.
        case message(String), enumeration(String)
    }

    var name: String
    var jsonName: String
    var number: Int32
    var kind: Kind
    var isRepeated: Bool
    /// Index into the message's oneofs.
    var oneof: Int?
    /// proto3 `optional`.
    var isExplicitlyOptional: Bool
    var comment: String
}

struct EnumType {
    struct Value {
        var name: String
        var number: Int32
        var comment: String
    }

    var name: String
    var fullName: String
    var comment: String
    var values: [Value]
}

struct ServiceType {
    var name: String
    var fullName: String
    var comment: String
    var methods: [MethodType]

    /// How Swift calls it.
    var swiftName: String { Naming.prefix(of: fullName) + name }
}

struct MethodType {
    enum Idempotency: String { case unknown, noSideEffects, idempotent }
    enum Kind: String { case unary, clientStreaming, serverStreaming, bidirectional }

    var name: String
    var comment: String
    /// Full names.
    var request: String
    var response: String
    var kind: Kind
    var idempotency: Idempotency
}

/// Why no code is written.
enum GeneratorError: Error, CustomStringConvertible {
    case notADescriptorSet
    /// The schema breaks a rule. `place` is the full name of the part at fault.
    case rule(place: String, reason: String)

    var description: String {
        switch self {
        case .notADescriptorSet: "the schema is not a FileDescriptorSet"
        case .rule(let place, let reason): "\(place): \(reason)"
        }
    }
}

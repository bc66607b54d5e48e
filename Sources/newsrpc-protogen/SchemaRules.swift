/// What a schema must keep to, because protobuf-c 1.4 would otherwise lose data, refuse valid messages or crash.
///
/// Measured with protobuf-c 1.4.1. A rule broken here is an error of ours, found when the code is generated and not
/// when a peer finds the message that shows it.
enum SchemaRules {
    static func check(_ schema: Schema) throws(GeneratorError) {
        let messages = Dictionary(uniqueKeysWithValues: schema.messages.map { ($0.fullName, $0) })
        for file in schema.files where file.syntax != "proto3" {
            throw .rule(place: file.name, reason: "is not proto3")
        }
        for message in schema.messages {
            for field in message.fields { try check(field, of: message, messages) }
            try checkDepth(of: message, messages, above: [])
        }
    }

    private static func check(
        _ field: FieldType, of message: MessageType, _ messages: [String: MessageType]
    ) throws(GeneratorError) {
        let place = "\(message.fullName).\(field.name)"
        if field.isExplicitlyOptional {
            throw .rule(place: place, reason: "protoc-c refuses files with proto3 optional")
        }
        if field.kind == .group { throw .rule(place: place, reason: "groups cannot be read") }
        if message.isMapEntry, field.name == "key", field.kind != .string {
            throw .rule(place: place, reason: "only maps with text as their key are written")
        }
        if ["unknownFields", "protoName"].contains(field.jsonName) {
            throw .rule(place: place, reason: "has a name that every message has for something else")
        }
        // Two occurrences of a singular message are merged, and the merge looks for the field of an unset oneof.
        if !field.isRepeated, field.oneof == nil, !comesOnce.contains(place), case .message(let name) = field.kind,
            messages[name]?.oneofs.isEmpty == false
        {
            throw .rule(place: place, reason: "\(name) has a oneof, and is refused when such a field comes twice")
        }
    }

    /// Fields of the published contracts of others that break the last rule. Servers write them and clients read them,
    /// and no server writes one twice; a response with two of them would be refused.
    private static let comesOnce: Set = [
        "grpc.reflection.v1.ServerReflectionResponse.original_request",
        "grpc.reflection.v1alpha.ServerReflectionResponse.original_request",
    ]

    /// Reading is recursive without a limit, so a message that contains itself would let a peer end the process.
    private static func checkDepth(
        of message: MessageType, _ messages: [String: MessageType], above: [String]
    ) throws(GeneratorError) {
        if above.contains(message.fullName) {
            throw .rule(place: message.fullName, reason: "contains itself")
        }
        for field in message.fields {
            guard case .message(let name) = field.kind, let inner = messages[name] else { continue }
            try checkDepth(of: inner, messages, above: above + [message.fullName])
        }
    }
}

/// The messages of google.protobuf that have a JSON form of their own.
enum WellKnownType {
    case timestamp, duration, fieldMask, any, structure, value, listValue
    /// BoolValue, StringValue and the like: the value alone.
    case wrapper

    init?(_ message: String) {
        switch message {
        case "google.protobuf.Timestamp": self = .timestamp
        case "google.protobuf.Duration": self = .duration
        case "google.protobuf.FieldMask": self = .fieldMask
        case "google.protobuf.Any": self = .any
        case "google.protobuf.Struct": self = .structure
        case "google.protobuf.Value": self = .value
        case "google.protobuf.ListValue": self = .listValue
        case "google.protobuf.DoubleValue", "google.protobuf.FloatValue", "google.protobuf.Int64Value",
            "google.protobuf.UInt64Value", "google.protobuf.Int32Value", "google.protobuf.UInt32Value",
            "google.protobuf.BoolValue", "google.protobuf.StringValue", "google.protobuf.BytesValue":
            self = .wrapper
        default: return nil
        }
    }
}

// MARK: - Printing

extension MessagePrinter {
    func node(
        of known: WellKnownType, _ message: MessageSchema, _ values: [Int: [WireValue]], path: String, depth: Int
    ) throws(WireError) -> JSONNode {
        switch known {
        case .timestamp:
            guard let text = TimestampText.text(seconds: integer(values[1]), nanoseconds: integer(values[2])) else {
                throw .malformed(message: path)
            }
            return .string(text)
        case .duration:
            guard let text = DurationText.text(seconds: integer(values[1]), nanoseconds: integer(values[2])) else {
                throw .malformed(message: path)
            }
            return .string(text)
        case .any: return try node(ofAny: values, path: path, depth: depth)
        case .value:
            let members = try members(of: message, values, path: path, depth: depth)
            return members.first?.value ?? .null
        case .fieldMask, .structure, .listValue, .wrapper:
            var always = self
            always.options.writesDefaults = true
            let content = try always.members(of: message, values, path: path, depth: depth).first?.value
            guard let content else { throw .malformed(message: path) }
            guard known == .fieldMask, case .array(let paths) = content.content else { return content }
            return .string(paths.map { SchemaNames.lowerCamel($0.textOrEmpty) }.joined(separator: ","))
        }
    }

    /// The fields of the packed message beside `@type`. A message that the schema does not know keeps its bytes, in
    /// base64 under `value`, as an error that cannot be shown in full is still worth showing.
    private func node(ofAny values: [Int: [WireValue]], path: String, depth: Int) throws(WireError) -> JSONNode {
        let type = bytes(of: values[1])
        guard let url = String(validating: bytes[type], as: UTF8.self) else { throw .textNotUTF8(field: path) }
        var members = [JSONMember("@type", .string(url))]
        let payload = bytes(of: values[2])
        let name = String(url.split(separator: "/", omittingEmptySubsequences: false).last ?? "")
        guard let message = schema.message(named: name) else {
            members.append(JSONMember("value", .string(Base64.encode(bytes[payload]))))
            return JSONNode(.object(members))
        }
        let content = try node(of: message, in: [payload], path: "\(path)(\(name))", depth: depth + 1)
        if WellKnownType(name) == nil, case .object(let fields) = content.content {
            members += fields
        } else {
            members.append(JSONMember("value", content))
        }
        return JSONNode(.object(members))
    }

    private func integer(_ found: [WireValue]?) -> Int64 {
        guard case .varint(let bits) = found?.last else { return 0 }
        return Int64(bitPattern: bits)
    }

    private func bytes(of found: [WireValue]?) -> Range<Int> {
        guard case .bytes(let range) = found?.last else { return 0..<0 }
        return range
    }
}

// MARK: - Parsing

extension MessageParser {
    func bytes(
        of node: JSONNode, as known: WellKnownType, _ message: MessageSchema, path: FieldPath, depth: Int
    ) throws(JSONError) -> [UInt8] {
        switch known {
        case .timestamp:
            guard case .string(let text) = node.content, let time = TimestampText.read(text) else {
                throw expected("a time such as \"2026-02-27T15:55:00+08:00\"", node, path)
            }
            return secondsAndNanoseconds(time)
        case .duration:
            guard case .string(let text) = node.content, let duration = DurationText.read(text) else {
                throw expected("a duration such as \"1.5s\"", node, path)
            }
            return secondsAndNanoseconds(duration)
        case .fieldMask:
            guard case .string(let text) = node.content else {
                throw expected("field names joined by commas", node, path)
            }
            let paths = text.split(separator: ",").map { JSONNode.string(SchemaNames.snake(String($0))) }
            return try bytes(of: [JSONMember("paths", .array(paths))], as: message, path: path, depth: depth)
        case .any: return try bytes(ofAny: node, message, path: path, depth: depth)
        case .structure: return try bytes(of: [JSONMember("fields", node)], as: message, path: path, depth: depth)
        case .listValue: return try bytes(of: [JSONMember("values", node)], as: message, path: path, depth: depth)
        case .wrapper: return try bytes(of: [JSONMember("value", node)], as: message, path: path, depth: depth)
        case .value:
            let name =
                switch node.content {
                case .null: "nullValue"
                case .bool: "boolValue"
                case .number: "numberValue"
                case .string: "stringValue"
                case .array: "listValue"
                case .object: "structValue"
                }
            return try bytes(of: [JSONMember(name, node)], as: message, path: path, depth: depth)
        }
    }

    private func bytes(
        ofAny node: JSONNode, _ message: MessageSchema, path: FieldPath, depth: Int
    ) throws(JSONError) -> [UInt8] {
        guard case .object(let members) = node.content else { throw expected("an object", node, path) }
        guard !members.isEmpty else { return [] }
        guard case .string(let url) = node["@type"]?.content else {
            throw failure(node, path, "expected a member \"@type\" that names the message")
        }
        let name = String(url.split(separator: "/", omittingEmptySubsequences: false).last ?? "")
        let rest = members.filter { $0.key != "@type" }
        let payload: [UInt8]
        guard let type = schema.message(named: name) else {
            throw failure(node["@type"] ?? node, path.field("@type"), "no message called \"\(name)\"")
        }
        if WellKnownType(name) == nil {
            payload = try bytes(of: rest, as: type, path: path, depth: depth + 1)
        } else {
            payload = try bytes(of: node["value"] ?? .null, as: type, path: path.field("value"), depth: depth + 1)
        }
        var writer = WireWriter()
        writer.append(.bytes(Array(url.utf8)), field: 1)
        if !payload.isEmpty { writer.append(.bytes(payload), field: 2) }
        return writer.bytes
    }

    private func secondsAndNanoseconds(_ time: (seconds: Int64, nanoseconds: Int32)) -> [UInt8] {
        var writer = WireWriter()
        if time.seconds != 0 { writer.append(.varint(UInt64(bitPattern: time.seconds)), field: 1) }
        if time.nanoseconds != 0 { writer.append(.varint(UInt64(bitPattern: Int64(time.nanoseconds))), field: 2) }
        return writer.bytes
    }
}

extension JSONNode {
    fileprivate var textOrEmpty: String {
        guard case .string(let text) = content else { return "" }
        return text
    }
}

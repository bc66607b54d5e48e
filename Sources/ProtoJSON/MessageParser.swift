/// JSON to the wire bytes of one message.
struct MessageParser {
    let schema: Schema

    func bytes(
        of node: JSONNode, as message: MessageSchema, path: FieldPath, depth: Int
    ) throws(JSONError) -> [UInt8] {
        guard depth < JSONReader.depthMax else {
            throw failure(node, path, "nested more than \(JSONReader.depthMax) deep")
        }
        if let known = message.wellKnown {
            return try bytes(of: node, as: known, message, path: path, depth: depth)
        }
        guard case .object(let members) = node.content else { throw expected("an object", node, path) }
        return try bytes(of: members, as: message, path: path, depth: depth)
    }

    func bytes(
        of members: [JSONMember], as message: MessageSchema, path: FieldPath, depth: Int
    ) throws(JSONError) -> [UInt8] {
        var given: [Int: JSONMember] = [:]
        var chosen: [Int: String] = [:]
        for member in members {
            guard let place = message.byName[member.key] else {
                let offset = member.keyOffset
                throw JSONError(
                    offset: offset, path: path.field(member.key).text, problem: "\(message.name) has no such field")
            }
            let field = message.fields[place]
            if member.value.content == .null, !takesNull(field) { continue }
            guard given.updateValue(member, forKey: place) == nil else {
                throw JSONError(offset: member.keyOffset, path: path.field(member.key).text, problem: "given twice")
            }
            if let oneof = field.oneof, let other = chosen.updateValue(member.key, forKey: oneof) {
                let problem = "excludes \(other), which is given too"
                throw JSONError(offset: member.keyOffset, path: path.field(member.key).text, problem: problem)
            }
        }
        var writer = WireWriter()
        for (place, member) in given.sorted(by: { message.fields[$0.key].number < message.fields[$1.key].number }) {
            let fieldPath = path.field(member.key)
            try append(message.fields[place], member.value, to: &writer, path: fieldPath, depth: depth)
        }
        return writer.bytes
    }

    func expected(_ what: String, _ node: JSONNode, _ path: FieldPath) -> JSONError {
        failure(node, path, "expected \(what), found \(node.shown)")
    }

    func failure(_ node: JSONNode, _ path: FieldPath, _ problem: String) -> JSONError {
        JSONError(offset: node.offset, path: path.text, problem: problem)
    }

    // MARK: Fields

    /// Null means "not set", but is a value of its own to `google.protobuf.Value`.
    private func takesNull(_ field: FieldSchema) -> Bool {
        switch field.kind {
        case .message(let index): schema.messages[index].name == "google.protobuf.Value" && !field.isRepeated
        case .enumeration(let index): schema.enumerations[index].name == "google.protobuf.NullValue"
        default: false
        }
    }

    private func append(
        _ field: FieldSchema, _ node: JSONNode, to writer: inout WireWriter, path: FieldPath, depth: Int
    ) throws(JSONError) {
        if case .message(let index) = field.kind, schema.messages[index].isMapEntry {
            return try appendMap(field, schema.messages[index], node, to: &writer, path: path, depth: depth)
        }
        guard field.isRepeated else {
            let value = try value(of: node, field.kind, path: path, depth: depth)
            if field.hasPresence || !value.isDefault { writer.append(value, field: field.number) }
            return
        }
        guard case .array(let elements) = node.content else { throw expected("an array", node, path) }
        var packed = WireWriter()
        for (index, element) in elements.enumerated() {
            let value = try value(of: element, field.kind, path: path.element(index), depth: depth)
            if field.kind.isPackable { packed.append(value) } else { writer.append(value, field: field.number) }
        }
        if !packed.bytes.isEmpty { writer.append(.bytes(packed.bytes), field: field.number) }
    }

    private func appendMap(
        _ field: FieldSchema, _ entry: MessageSchema, _ node: JSONNode, to writer: inout WireWriter,
        path: FieldPath, depth: Int
    ) throws(JSONError) {
        guard case .object(let members) = node.content else { throw expected("an object", node, path) }
        for member in members {
            let entryPath = path.entry(member.key)
            let keyNode = keyNode(member, entry.fields[0].kind)
            var inner = WireWriter()
            inner.append(try value(of: keyNode, entry.fields[0].kind, path: entryPath, depth: depth), field: 1)
            inner.append(try value(of: member.value, entry.fields[1].kind, path: entryPath, depth: depth), field: 2)
            writer.append(.bytes(inner.bytes), field: field.number)
        }
    }

    /// A key is always a string in JSON: `"true"` and `"7"` stand for their values.
    private func keyNode(_ member: JSONMember, _ kind: FieldKind) -> JSONNode {
        if kind == .bool, member.key == "true" || member.key == "false" {
            return JSONNode(.bool(member.key == "true"), offset: member.keyOffset)
        }
        return JSONNode(.string(member.key), offset: member.keyOffset)
    }

    func value(
        of node: JSONNode, _ kind: FieldKind, path: FieldPath, depth: Int
    ) throws(JSONError) -> WireWriter.Value {
        switch kind {
        case .message(let index):
            return .bytes(try bytes(of: node, as: schema.messages[index], path: path, depth: depth + 1))
        case .enumeration(let index): return try value(of: node, in: schema.enumerations[index], path)
        case .string:
            guard case .string(let text) = node.content else { throw expected("a string", node, path) }
            return .bytes(Array(text.utf8))
        case .bytes:
            guard case .string(let text) = node.content, let bytes = Base64.decode(text) else {
                throw expected("a string in base64", node, path)
            }
            return .bytes(bytes)
        case .bool:
            guard case .bool(let value) = node.content else { throw expected("true or false", node, path) }
            return .varint(value ? 1 : 0)
        case .double: return .fixed64(try float(node, path, Double.self).bitPattern)
        case .float: return .fixed32(try float(node, path, Float.self).bitPattern)
        case .int32: return .varint(UInt64(bitPattern: Int64(try integer(node, path, Int32.self))))
        case .uint32: return .varint(UInt64(try integer(node, path, UInt32.self)))
        case .sint32: return .varint(Int64(try integer(node, path, Int32.self)).zigzagged)
        case .sfixed32: return .fixed32(UInt32(bitPattern: try integer(node, path, Int32.self)))
        case .fixed32: return .fixed32(try integer(node, path, UInt32.self))
        case .int64: return .varint(UInt64(bitPattern: try integer(node, path, Int64.self)))
        case .uint64: return .varint(try integer(node, path, UInt64.self))
        case .sint64: return .varint(try integer(node, path, Int64.self).zigzagged)
        case .sfixed64: return .fixed64(UInt64(bitPattern: try integer(node, path, Int64.self)))
        case .fixed64: return .fixed64(try integer(node, path, UInt64.self))
        }
    }
}

// MARK: - Scalars

extension MessageParser {
    private func value(
        of node: JSONNode, in enumeration: EnumSchema, _ path: FieldPath
    ) throws(JSONError) -> WireWriter.Value {
        let number: Int32
        switch node.content {
        case .string(let name):
            guard let found = enumeration.number(of: name) else {
                let names = enumeration.values.compactMap { enumeration.name(of: $0.number, short: true) }
                throw expected("one of \(names.joined(separator: ", "))", node, path)
            }
            number = found
        case .number: number = try integer(node, path, Int32.self)
        case .null where enumeration.name == "google.protobuf.NullValue": number = 0
        default: throw expected("the name of a \(enumeration.name)", node, path)
        }
        return .varint(UInt64(bitPattern: Int64(number)))
    }

    private func integer<T: FixedWidthInteger>(
        _ node: JSONNode, _ path: FieldPath, _: T.Type
    ) throws(JSONError) -> T {
        let text: String
        switch node.content {
        case .number(let number): text = number
        case .string(let string): text = string
        default: throw expected("an integer", node, path)
        }
        switch IntegerText.read(text) {
        case .integer(let value):
            guard let value = T(exactly: value) else { fallthrough }
            return value
        case .tooLarge: throw expected("an integer from \(T.min) to \(T.max)", node, path)
        case .notAnInteger: throw expected("an integer", node, path)
        }
    }

    private func float<T: BinaryFloatingPoint & LosslessStringConvertible>(
        _ node: JSONNode, _ path: FieldPath, _: T.Type
    ) throws(JSONError) -> T {
        let text: String
        switch node.content {
        case .number(let number): text = number
        case .string("NaN"): return .nan
        case .string("Infinity"): return .infinity
        case .string("-Infinity"): return -.infinity
        case .string(let string) where IntegerText.isNumber(string): text = string
        default: throw expected("a number", node, path)
        }
        guard let value = T(text), value.isFinite else { throw expected("a number within range", node, path) }
        return value
    }
}

extension JSONNode {
    /// The value as an error message shows it: short ones in full.
    var shown: String {
        switch content {
        case .bool(let value): return value ? "true" : "false"
        case .number(let text): return text.count <= 40 ? text : "a number of \(text.count) digits"
        case .string(let text): return text.count <= 40 ? "\"\(text)\"" : "\"\(text.prefix(40))…\""
        case .null, .array, .object: return kindName
        }
    }
}

extension Int64 {
    fileprivate var zigzagged: UInt64 { UInt64(bitPattern: self << 1 ^ self >> 63) }
}

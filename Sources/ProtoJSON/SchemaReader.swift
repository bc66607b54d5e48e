extension Schema {
    /// Reads a `google.protobuf.FileDescriptorSet`.
    ///
    /// Every file that the others import must be in the set. Field numbers below are those of descriptor.proto.
    /// - Throws: `malformed` with the part at fault; `unknownMessage` if a field's type is not in the set.
    package init(fileDescriptorSet bytes: [UInt8]) throws(WireError) {
        var reader = SchemaReader(bytes: bytes)
        try reader.readSet()
        self = try reader.resolved()
    }
}

private struct SchemaReader {
    /// A field whose type is still a name.
    private struct Draft {
        var field: FieldSchema
        var type: Int
        var typeName: String
        var isOptional: Bool
        var oneof: Int?
    }

    let bytes: [UInt8]
    private var schema = Schema()
    private var drafts: [[Draft]] = []
    private var enumIndex: [String: Int] = [:]

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func readSet() throws(WireError) {
        for file in try parts(of: 0..<bytes.count, "FileDescriptorSet", number: 1) { try readFile(file) }
    }

    /// FileDescriptorProto: package 2, message_type 4, enum_type 5.
    private mutating func readFile(_ range: Range<Int>) throws(WireError) {
        let package = try text(of: range, "FileDescriptorProto", number: 2)
        let scope = package.isEmpty ? "" : package + "."
        for message in try parts(of: range, "FileDescriptorProto", number: 4) {
            try readMessage(message, scope, depth: 0)
        }
        for each in try parts(of: range, "FileDescriptorProto", number: 5) { try readEnum(each, scope) }
    }

    /// DescriptorProto: name 1, field 2, nested_type 3, enum_type 4, options 7 (map_entry 7).
    private mutating func readMessage(_ range: Range<Int>, _ scope: String, depth: Int) throws(WireError) {
        let kind = "DescriptorProto"
        guard depth < JSONReader.depthMax else { throw .tooDeep(message: kind) }
        var message = MessageSchema(name: scope + (try text(of: range, kind, number: 1)))
        for options in try parts(of: range, kind, number: 7) {
            message.isMapEntry = try number(of: options, "MessageOptions", number: 7) == 1
        }
        var fields: [Draft] = []
        for field in try parts(of: range, kind, number: 2) { fields.append(try draft(of: field)) }
        schema.messageIndex[message.name] = schema.messages.count
        schema.messages.append(message)
        drafts.append(fields)
        for inner in try parts(of: range, kind, number: 3) {
            try readMessage(inner, message.name + ".", depth: depth + 1)
        }
        for inner in try parts(of: range, kind, number: 4) { try readEnum(inner, message.name + ".") }
    }

    /// EnumDescriptorProto: name 1, value 2. EnumValueDescriptorProto: name 1, number 2.
    private mutating func readEnum(_ range: Range<Int>, _ scope: String) throws(WireError) {
        var enumeration = EnumSchema(name: scope + (try text(of: range, "EnumDescriptorProto", number: 1)))
        for value in try parts(of: range, "EnumDescriptorProto", number: 2) {
            let name = try text(of: value, "EnumValueDescriptorProto", number: 1)
            let number = try number(of: value, "EnumValueDescriptorProto", number: 2) ?? 0
            enumeration.append(name, Int32(truncatingIfNeeded: number))
        }
        enumIndex[enumeration.name] = schema.enumerations.count
        schema.enumerations.append(enumeration)
    }

    /// FieldDescriptorProto: name 1, number 3, label 4 (3 = repeated), type 5, type_name 6, oneof_index 9,
    /// json_name 10, proto3_optional 17.
    private func draft(of range: Range<Int>) throws(WireError) -> Draft {
        let kind = "FieldDescriptorProto"
        let name = try text(of: range, kind, number: 1)
        let jsonName = try text(of: range, kind, number: 10)
        let field = FieldSchema(
            name: name, jsonName: jsonName.isEmpty ? SchemaNames.lowerCamel(name) : jsonName,
            number: Int(try number(of: range, kind, number: 3) ?? 0), kind: .bytes,
            isRepeated: try number(of: range, kind, number: 4) == 3, oneof: nil, hasPresence: false)
        return Draft(
            field: field, type: Int(try number(of: range, kind, number: 5) ?? 0),
            typeName: try text(of: range, kind, number: 6),
            isOptional: try number(of: range, kind, number: 17) == 1,
            oneof: try number(of: range, kind, number: 9).map { Int($0) })
    }

    mutating func resolved() throws(WireError) -> Schema {
        for (place, fields) in drafts.enumerated() {
            for draft in fields {
                var field = draft.field
                field.kind = try kind(of: draft)
                field.oneof = draft.isOptional ? nil : draft.oneof
                field.hasPresence = draft.isOptional || draft.oneof != nil
                if case .message = field.kind, !field.isRepeated { field.hasPresence = true }
                schema.messages[place].fields.append(field)
            }
            schema.messages[place].index()
        }
        return schema
    }

    private func kind(of draft: Draft) throws(WireError) -> FieldKind {
        let scalars: [Int: FieldKind] = [
            1: .double, 2: .float, 3: .int64, 4: .uint64, 5: .int32, 6: .fixed64, 7: .fixed32, 8: .bool, 9: .string,
            12: .bytes, 13: .uint32, 15: .sfixed32, 16: .sfixed64, 17: .sint32, 18: .sint64,
        ]
        let typeName = draft.typeName.hasPrefix(".") ? String(draft.typeName.dropFirst()) : draft.typeName
        if let scalar = scalars[draft.type] { return scalar }
        if draft.type == 11, let index = schema.messageIndex[typeName] { return .message(index) }
        if draft.type == 14, let index = enumIndex[typeName] { return .enumeration(index) }
        throw .unknownMessage(typeName)
    }

    // MARK: Fields of descriptors

    private func parts(of range: Range<Int>, _ message: String, number: Int) throws(WireError) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        for value in try values(of: range, message, number: number) {
            guard case .bytes(let part) = value else { throw .malformed(message: message) }
            parts.append(part)
        }
        return parts
    }

    private func text(of range: Range<Int>, _ message: String, number: Int) throws(WireError) -> String {
        guard let part = try parts(of: range, message, number: number).last else { return "" }
        guard let text = String(validating: bytes[part], as: UTF8.self) else { throw .malformed(message: message) }
        return text
    }

    private func number(of range: Range<Int>, _ message: String, number: Int) throws(WireError) -> Int32? {
        guard let value = try values(of: range, message, number: number).last else { return nil }
        guard case .varint(let bits) = value else { throw .malformed(message: message) }
        return Int32(truncatingIfNeeded: bits)
    }

    private func values(of range: Range<Int>, _ message: String, number: Int) throws(WireError) -> [WireValue] {
        var values: [WireValue] = []
        var reader = WireReader(bytes, range)
        do {
            while let field = try reader.next() { if field.number == number { values.append(field.value) } }
        } catch { throw .malformed(message: message) }
        return values
    }
}

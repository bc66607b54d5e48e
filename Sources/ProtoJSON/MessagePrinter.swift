/// Wire bytes of one message to JSON.
struct MessagePrinter {
    let schema: Schema
    var options: JSONMapping.Options
    let bytes: [UInt8]

    /// - Parameters:
    ///   - ranges: Where the message lies. Several: a field that came more than once; they are merged by being read
    ///     one after another, as the encoding asks of a singular message.
    ///   - path: Names the message in errors.
    func node(
        of message: MessageSchema, in ranges: [Range<Int>], path: String, depth: Int
    ) throws(WireError) -> JSONNode {
        guard depth < JSONReader.depthMax else { throw .tooDeep(message: path) }
        let values = try collect(message, ranges, path)
        if let known = message.wellKnown {
            return try node(of: known, message, values, path: path, depth: depth)
        }
        return JSONNode(.object(try members(of: message, values, path: path, depth: depth)))
    }

    func members(
        of message: MessageSchema, _ values: [Int: [WireValue]], path: String, depth: Int
    ) throws(WireError) -> [JSONMember] {
        var members: [JSONMember] = []
        for field in message.fields {
            let fieldPath = "\(path).\(field.name)"
            let found = values[field.number] ?? []
            if let node = try node(of: field, found, path: fieldPath, depth: depth) {
                members.append(JSONMember(field.jsonName, node))
            }
        }
        return members
    }

    /// The values of each known field. Of a oneof only the member that came last is kept.
    private func collect(
        _ message: MessageSchema, _ ranges: [Range<Int>], _ path: String
    ) throws(WireError) -> [Int: [WireValue]] {
        var values: [Int: [WireValue]] = [:]
        var chosen: [Int: Int] = [:]
        for range in ranges {
            var reader = WireReader(bytes, range)
            do {
                while let (number, value) = try reader.next() {
                    guard let place = message.byNumber[number] else { continue }
                    if let oneof = message.fields[place].oneof {
                        if let other = chosen[oneof], other != number { values[other] = nil }
                        chosen[oneof] = number
                    }
                    values[number, default: []].append(value)
                }
            } catch { throw .malformed(message: path) }
        }
        return values
    }

    // MARK: Fields

    private func node(
        of field: FieldSchema, _ found: [WireValue], path: String, depth: Int
    ) throws(WireError) -> JSONNode? {
        if case .message(let index) = field.kind {
            return try node(ofMessageField: field, schema.messages[index], found, path: path, depth: depth)
        }
        let scalars = try scalars(of: field.kind, found, path)
        if field.isRepeated {
            guard !scalars.isEmpty || options.writesDefaults else { return nil }
            return .array(try scalars.map { value throws(WireError) in try node(of: field.kind, value, path) })
        }
        let value = scalars.last ?? field.kind.zero
        let isShown = field.hasPresence ? !scalars.isEmpty : options.writesDefaults || !isDefault(value)
        return isShown ? try node(of: field.kind, value, path) : nil
    }

    private func node(
        ofMessageField field: FieldSchema, _ type: MessageSchema, _ found: [WireValue], path: String, depth: Int
    ) throws(WireError) -> JSONNode? {
        let ranges = try found.map { value throws(WireError) in
            guard case .bytes(let range) = value else { throw .malformed(message: path) }
            return range
        }
        if type.isMapEntry {
            guard !ranges.isEmpty || options.writesDefaults else { return nil }
            return try node(ofMap: type, ranges, path: path, depth: depth)
        }
        if field.isRepeated {
            guard !ranges.isEmpty || options.writesDefaults else { return nil }
            return .array(
                try ranges.map { range throws(WireError) in
                    try node(of: type, in: [range], path: path, depth: depth + 1)
                })
        }
        return ranges.isEmpty ? nil : try node(of: type, in: ranges, path: path, depth: depth + 1)
    }

    /// A later entry of a key takes the place of an earlier one.
    private func node(
        ofMap entry: MessageSchema, _ ranges: [Range<Int>], path: String, depth: Int
    ) throws(WireError) -> JSONNode {
        var members: [JSONMember] = []
        var places: [[UInt8]: Int] = [:]
        guard entry.fields.count == 2 else { throw .malformed(message: path) }
        let (keyField, valueField) = (entry.fields[0], entry.fields[1])
        for range in ranges {
            let values = try collect(entry, [range], path)
            let keyValue = try scalars(of: keyField.kind, values[1] ?? [], path).last ?? keyField.kind.zero
            let key = mapKey(try node(of: keyField.kind, keyValue, path))
            var found = values[2] ?? []
            if found.isEmpty { found = [valueField.kind.zero] }
            guard let value = try node(of: valueField.shownAlways, found, path: path, depth: depth) else { continue }
            if let place = places[Array(key.utf8)] {
                members[place].value = value
            } else {
                places[Array(key.utf8)] = members.count
                members.append(JSONMember(key, value))
            }
        }
        return JSONNode(.object(members))
    }

    private func mapKey(_ node: JSONNode) -> String {
        switch node.content {
        case .string(let text), .number(let text): text
        case .bool(let value): value ? "true" : "false"
        case .null, .array, .object: ""  // No map has such keys.
        }
    }
}

// MARK: - Scalars

extension MessagePrinter {
    /// Values of a scalar field one by one; packed runs are unpacked.
    private func scalars(of kind: FieldKind, _ found: [WireValue], _ path: String) throws(WireError) -> [WireValue] {
        guard kind.isPackable else { return found }
        var scalars: [WireValue] = []
        for value in found {
            guard case .bytes(let range) = value else {
                scalars.append(value)
                continue
            }
            var reader = WireReader(bytes, range)
            do {
                switch kind.zero {
                case .varint: while let bits = try reader.nextVarint() { scalars.append(.varint(bits)) }
                case .fixed64: while let bits = try reader.nextFixed(width: 8) { scalars.append(.fixed64(bits)) }
                case .fixed32:
                    while let bits = try reader.nextFixed(width: 4) { scalars.append(.fixed32(UInt32(bits))) }
                case .bytes: break
                }
            } catch { throw .malformed(message: path) }
        }
        return scalars
    }

    private func isDefault(_ value: WireValue) -> Bool {
        switch value {
        case .varint(let bits), .fixed64(let bits): bits == 0
        case .fixed32(let bits): bits == 0
        case .bytes(let range): range.isEmpty
        }
    }

    private func node(of kind: FieldKind, _ value: WireValue, _ path: String) throws(WireError) -> JSONNode {
        switch (kind, value) {
        case (.string, .bytes(let range)):
            guard let text = String(validating: bytes[range], as: UTF8.self) else { throw .textNotUTF8(field: path) }
            return .string(text)
        case (.bytes, .bytes(let range)): return .string(Base64.encode(bytes[range]))
        case (.bool, .varint(let bits)): return .bool(bits != 0)
        case (.int32, .varint(let bits)): return .number(Int32(truncatingIfNeeded: bits))
        case (.uint32, .varint(let bits)): return .number(UInt32(truncatingIfNeeded: bits))
        case (.sint32, .varint(let bits)): return .number(Int32(truncatingIfNeeded: bits.unzigzagged))
        case (.sfixed32, .fixed32(let bits)): return .number(Int32(bitPattern: bits))
        case (.fixed32, .fixed32(let bits)): return .number(bits)
        case (.int64, .varint(let bits)), (.sfixed64, .fixed64(let bits)): return wide(Int64(bitPattern: bits))
        case (.sint64, .varint(let bits)): return wide(bits.unzigzagged)
        case (.uint64, .varint(let bits)), (.fixed64, .fixed64(let bits)): return wide(bits)
        case (.double, .fixed64(let bits)): return FloatText.node(of: Double(bitPattern: bits))
        case (.float, .fixed32(let bits)): return FloatText.node(of: Float(bitPattern: bits))
        case (.enumeration(let index), .varint(let bits)):
            guard schema.enumerations[index].name != "google.protobuf.NullValue" else { return .null }
            let number = Int32(truncatingIfNeeded: bits)
            let name = schema.enumerations[index].name(of: number, short: options.shortensEnums)
            return name.map { .string($0) } ?? .number(number)  // A value that a later schema knows.
        default: throw .malformed(message: path)
        }
    }

    private func wide(_ value: some BinaryInteger) -> JSONNode {
        options.writesInt64AsNumber ? .number(value) : .string(String(value))
    }
}

extension FieldKind {
    /// The default as it would stand on the wire.
    var zero: WireValue {
        switch self {
        case .double, .sfixed64, .fixed64: .fixed64(0)
        case .float, .sfixed32, .fixed32: .fixed32(0)
        case .string, .bytes, .message: .bytes(0..<0)
        case .bool, .int32, .sint32, .uint32, .int64, .sint64, .uint64, .enumeration: .varint(0)
        }
    }
}

extension FieldSchema {
    /// The same field, written even when it has its default: the value of a map entry.
    fileprivate var shownAlways: FieldSchema {
        var field = self
        field.hasPresence = true
        return field
    }
}

extension UInt64 {
    fileprivate var unzigzagged: Int64 { Int64(bitPattern: self >> 1) ^ -Int64(bitPattern: self & 1) }
}

/// Writes how messages of a test go to and from bytes, in Swift alone: protobuf-c's structs are for the contract, and
/// no test's message shall be among them.
///
/// Knows the kinds of fields that those messages have. Unknown fields are passed over.
struct PlainCodecEmitter {
    private let names: SwiftNames

    init(_ names: SwiftNames) { self.names = names }

    /// Throws when a message has a field that could not be written.
    static func check(_ schema: Schema) throws(GeneratorError) {
        for message in schema.messages {
            for field in message.fields {
                let isPlain =
                    switch field.kind {
                    case .message: true
                    case .bool, .int32, .int64, .enumeration, .string, .bytes: !field.isRepeated
                    default: false
                    }
                guard isPlain, !message.isMapEntry, field.oneof == nil else {
                    throw .rule(
                        place: "\(message.fullName).\(field.name)", reason: "is of no kind that tests have needed yet")
                }
            }
        }
    }

    func emit(_ message: MessageType, _ source: inout SourceText) {
        source.block("public init(decoding bytes: Span<UInt8>) throws(MessageError)") { source in
            source.line("var reader = WireReader()")
            source.line("while let field = reader.next(in: bytes) {")
            source.line("    switch (field.number, field.content) {")
            for field in message.fields { emitRead(field, &source) }
            source.line("    default: continue")
            source.line("    }")
            source.line("}")
            source.line("guard reader.isAtEnd(of: bytes) else { throw .malformed(message: Self.protoName) }")
        }
        source.line()
        source.block("public func encoded() -> [UInt8]") { source in
            source.line("let arena = ByteArena()")
            source.line("encode(into: arena)")
            source.line("return arena.withBytes(in: 0..<arena.count) { [UInt8](copying: $0) }")
        }
        source.line()
        source.block("package func encode(into arena: ByteArena)") { source in
            for field in message.fields { emitWrite(field, &source) }
        }
    }

    private func emitRead(_ field: FieldType, _ source: inout SourceText) {
        let member = names.member(field)
        let element = names.elementType(field)
        switch field.kind {
        case .message:
            source.line("    case (\(field.number), .bytes(let range)):")
            let value = "try \(element)(decoding: bytes.extracting(range))"
            source.line("        \(member)\(field.isRepeated ? ".append(\(value))" : " = \(value)")")
        case .string:
            source.line("    case (\(field.number), .bytes(let range)):")
            source.line("        let text = [UInt8](copying: bytes.extracting(range))")
            source.line("        guard let text = String(validating: text, as: UTF8.self) else {")
            source.line("            throw .textNotUTF8(field: \"\(field.name)\")")
            source.line("        }")
            source.line("        \(member) = text")
        case .bytes:
            source.line("    case (\(field.number), .bytes(let range)):")
            source.line("        \(member) = [UInt8](copying: bytes.extracting(range))")
        case .bool: source.line("    case (\(field.number), .varint(let bits)): \(member) = bits != 0")
        case .enumeration:
            source.line("    case (\(field.number), .varint(let bits)):")
            source.line("        \(member) = \(element)(rawValue: Int32(truncatingIfNeeded: bits))")
        default:
            source.line("    case (\(field.number), .varint(let bits)):")
            source.line("        \(member) = \(element)(truncatingIfNeeded: bits)")
        }
    }

    /// Values that stand for "not set" are left out, as proto3 does.
    private func emitWrite(_ field: FieldType, _ source: inout SourceText) {
        let member = "self." + names.member(field)
        let number = field.number
        switch field.kind {
        case .message:
            source.block(field.isRepeated ? "for value in \(member)" : "if let value = \(member)") {
                $0.line("let mark = WireWriter.begin(\(number), in: arena)")
                $0.line("value.encode(into: arena)")
                $0.line("WireWriter.end(mark, in: arena)")
            }
        case .string: source.line("if !\(member).isEmpty { WireWriter.append(\(number), \(member), to: arena) }")
        case .bytes: source.line("if !\(member).isEmpty { WireWriter.append(\(number), \(member).span, to: arena) }")
        case .bool: source.line("if \(member) { WireWriter.append(\(number), 1, to: arena) }")
        case .enumeration:
            source.line("if \(member).rawValue != 0 {")
            source.line("    WireWriter.append(\(number), Int64(\(member).rawValue), to: arena)")
            source.line("}")
        default: source.line("if \(member) != 0 { WireWriter.append(\(number), Int64(\(member)), to: arena) }")
        }
    }
}

/// Writes how the messages of one file go to and from protobuf-c's structs.
///
/// `init(reading:)` takes a value from a struct that protobuf-c has unpacked; `fill` does the reverse, in an arena that
/// outlives the packing. The helpers that both call are written by hand, in NewsMessages.
struct CodecEmitter {
    private let names: SwiftNames

    init(_ names: SwiftNames) { self.names = names }

    func emit(_ file: SchemaFile) -> String {
        var source = SourceText(from: "Protos/\(file.name)", imports: ["internal import CNewsProto"])
        let messages = file.messages.flatMap(\.withNested).filter { !$0.isMapEntry }
        for (index, message) in messages.enumerated() {
            if index > 0 { source.line() }
            emit(message, &source)
        }
        return source.text
    }

    private func emit(_ message: MessageType, _ source: inout SourceText) {
        let raw = Naming.cType(message.fullName)
        source.block("extension \(names.type(message.fullName)): @unsafe MessageCodec") { source in
            source.block("static func initialize(_ raw: UnsafeMutablePointer<\(raw)>)") {
                $0.line("unsafe \(Naming.cFunctionStem(message.fullName))__init(raw)")
            }
            source.line()
            source.block("init(reading raw: UnsafePointer<\(raw)>) throws(MessageError)") { source in
                for field in message.fields where field.oneof == nil { emitRead(field, &source) }
                for index in message.oneofs.indices { emitRead(oneof: index, of: message, &source) }
                source.line(
                    "unsafe self.unknownFields = try RawReader.unknownFields(raw.pointee.base, of: Self.protoName)")
            }
            source.line()
            source.block("func fill(_ raw: UnsafeMutablePointer<\(raw)>, _ arena: MessageArena)") { source in
                for field in message.fields where field.oneof == nil { emitFill(field, &source) }
                for index in message.oneofs.indices { emitFill(oneof: index, of: message, &source) }
                source.line("unsafe arena.setUnknownFields(self.unknownFields, of: &raw.pointee.base)")
            }
        }
    }

    // MARK: Reading

    private func emitRead(_ field: FieldType, _ source: inout SourceText) {
        let member = "self." + names.member(field)
        let raw = "raw.pointee.\(cMember(field))"
        if let entry = names.mapEntry(field) {
            let value = entry.fields[1]
            let read = readExpression(value, "entry.pointee.value")
            source.line("unsafe \(member) = try RawReader.map(")
            source.line("    \(raw), raw.pointee.n_\(cMember(field)), \"\(field.name)\"")
            source.line(") { entry throws(MessageError) in")
            source.line("    let key = unsafe try RawReader.text(entry.pointee.key, \"key\")")
            if case .message(let name) = value.kind {
                source.line("    let value: \(names.type(name))? = unsafe \(read)")
                source.line("    return (key, value ?? \(names.type(name))())")
            } else {
                source.line("    return (key, unsafe \(read))")
            }
            source.line("}")
        } else if field.isRepeated {
            source.line("unsafe \(member) = \(listReadExpression(field, raw))")
        } else {
            source.line("unsafe \(member) = \(readExpression(field, raw))")
        }
    }

    private func emitRead(oneof index: Int, of message: MessageType, _ source: inout SourceText) {
        let member = "self." + names.oneof(message.oneofs[index]).member
        source.line("switch unsafe raw.pointee.\(message.oneofs[index])_case.rawValue {")
        for field in message.fields where field.oneof == index {
            source.line("case \(field.number):")
            let read = readExpression(field, "raw.pointee.\(cMember(field))")
            if case .message = field.kind {
                source.line("    let value: \(names.elementType(field))? = unsafe \(read)")
                source.line("    \(member) = value.map { .\(names.member(field))($0) }")
            } else {
                source.line("    unsafe \(member) = .\(names.member(field))(\(read))")
            }
        }
        source.line("default: \(member) = nil")
        source.line("}")
    }

    private func readExpression(_ field: FieldType, _ raw: String) -> String {
        switch field.kind {
        case .string: "try RawReader.text(\(raw), \"\(field.name)\")"
        case .bytes: "RawReader.bytes(\(raw))"
        case .bool: "\(raw) != 0"
        case .message: "try RawReader.message(\(raw), \"\(field.name)\")"
        case .enumeration(let name): "\(names.type(name))(rawValue: Int32(bitPattern: \(raw).rawValue))"
        default: raw
        }
    }

    private func listReadExpression(_ field: FieldType, _ raw: String) -> String {
        let arguments = "\(raw), raw.pointee.n_\(cMember(field))"
        switch field.kind {
        case .string: return "try RawReader.texts(\(arguments), \"\(field.name)\")"
        case .message: return "try RawReader.messages(\(arguments), \"\(field.name)\")"
        case .bytes: return "RawReader.list(\(arguments)) { unsafe RawReader.bytes($0) }"
        default: return "RawReader.list(\(arguments)) { \(readExpression(field, "$0")) }"
        }
    }

    // MARK: Filling

    private func emitFill(_ field: FieldType, _ source: inout SourceText) {
        let value = "self." + names.member(field)
        let raw = "raw.pointee.\(cMember(field))"
        if let entry = names.mapEntry(field) {
            let type = Naming.cType(entry.fullName)
            source.line("unsafe (\(raw), raw.pointee.n_\(cMember(field))) = arena.entries(of: \(value)) {")
            source.line("    (entry: UnsafeMutablePointer<\(type)>, key, value) in")
            source.line("    unsafe \(Naming.cFunctionStem(entry.fullName))__init(entry)")
            source.line("    unsafe entry.pointee.key = arena.text(key)")
            source.line("    unsafe entry.pointee.value = \(fillExpression(entry.fields[1], "value"))")
            source.line("}")
        } else if field.isRepeated {
            source.line("unsafe (\(raw), raw.pointee.n_\(cMember(field))) = \(listFillExpression(field, value))")
        } else {
            source.line("unsafe \(raw) = \(fillExpression(field, value))")
        }
    }

    private func emitFill(oneof index: Int, of message: MessageType, _ source: inout SourceText) {
        let oneof = message.oneofs[index]
        let caseType = "\(Naming.cType(message.fullName))__\(Naming.capitalized(Naming.lowerCamel(oneof)))Case"
        source.line("switch self.\(names.oneof(oneof).member) {")
        for field in message.fields where field.oneof == index {
            source.line("case .\(names.member(field))(let value):")
            source.line("    unsafe raw.pointee.\(oneof)_case = \(caseType)(rawValue: \(field.number))")
            source.line("    unsafe raw.pointee.\(cMember(field)) = \(fillExpression(field, "value"))")
        }
        source.line("case nil: break")
        source.line("}")
    }

    private func fillExpression(_ field: FieldType, _ value: String) -> String {
        switch field.kind {
        case .string: "arena.text(\(value))"
        case .bytes: "arena.bytes(\(value))"
        case .bool: "\(value) ? 1 : 0"
        case .message: "arena.message(\(value))"
        case .enumeration(let name): "\(Naming.cType(name))(rawValue: UInt32(bitPattern: \(value).rawValue))"
        default: value
        }
    }

    private func listFillExpression(_ field: FieldType, _ value: String) -> String {
        switch field.kind {
        case .message: "arena.messages(\(value))"
        case .string, .bytes: "arena.list(\(value)) { unsafe \(fillExpression(field, "$0")) }"
        default: "arena.list(\(value)) { \(fillExpression(field, "$0")) }"
        }
    }

    /// protobuf-c writes members in lower case.
    private func cMember(_ field: FieldType) -> String { field.name.lowercased() }
}

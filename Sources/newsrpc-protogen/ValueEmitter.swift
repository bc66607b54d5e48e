/// Writes the value types of one file: a struct for each message, an open enumeration for each enum.
struct ValueEmitter {
    /// What reads and writes the messages.
    enum Codec { case protobufC, plain }

    private let names: SwiftNames
    private let codec: Codec

    init(_ names: SwiftNames, codec: Codec = .protobufC) {
        self.names = names
        self.codec = codec
    }

    func emit(_ file: SchemaFile) -> String {
        var imports = file.messages.isEmpty ? [] : ["package import Bytes"]
        if codec == .plain { imports.append("public import NewsMessages") }
        var source = SourceText(from: "Protos/\(file.name)", imports: imports)
        var isFirst = true
        for item in file.enums { separate(&source, &isFirst) { emit(item, &$0) } }
        for message in file.messages { separate(&source, &isFirst) { emit(message, &$0) } }
        return source.text
    }

    private func separate(_ source: inout SourceText, _ isFirst: inout Bool, _ body: (inout SourceText) -> Void) {
        if !isFirst { source.line() }
        isFirst = false
        body(&source)
    }

    private func emit(_ message: MessageType, _ source: inout SourceText) {
        source.comment(message.comment, last: "`\(message.fullName)`")
        source.block("public struct \(names.ownName(message.fullName)): ProtoMessage, ArenaMessage") { source in
            emitNested(of: message, &source)
            for field in message.fields where field.oneof == nil {
                let property = names.property(field)
                let initial = property.initial.map { " = " + $0 } ?? ""
                source.comment(field.comment)
                source.line("public var \(names.member(field)): \(property.type)\(initial)")
            }
            for oneof in message.oneofs {
                source.line("/// Set at most once: one of its cases, or none.")
                source.line("public var \(names.oneof(oneof).member): \(names.oneof(oneof).type)?")
            }
            source.line("/// Fields that this version does not know, as they came.")
            source.line("public var unknownFields: [UInt8] = []")
            source.line()
            emitCoding(of: message, &source)
        }
    }

    private func emitNested(of message: MessageType, _ source: inout SourceText) {
        for item in message.enums {
            emit(item, &source)
            source.line()
        }
        for nested in message.messages where !nested.isMapEntry {
            emit(nested, &source)
            source.line()
        }
        for (index, oneof) in message.oneofs.enumerated() {
            source.block("public enum \(names.oneof(oneof).type): Hashable, Sendable") { source in
                for field in message.fields where field.oneof == index {
                    source.comment(field.comment)
                    source.line("case \(names.member(field))(\(names.elementType(field)))")
                }
            }
            source.line()
        }
    }

    /// What `ProtoMessage` asks for. The codec stays inside the module, so the struct names it here.
    private func emitCoding(of message: MessageType, _ source: inout SourceText) {
        source.line("public init() {}")
        source.line()
        source.line("public static var protoName: String { \"\(message.fullName)\" }")
        source.line()
        if codec == .plain { return PlainCodecEmitter(names).emit(message, &source) }
        source.block("public init(decoding bytes: Span<UInt8>) throws(MessageError)") {
            $0.line("self = unsafe try Self.decoded(from: bytes)")
        }
        source.line()
        source.line("public func encoded() -> [UInt8] { unsafe encodedBytes() }")
        source.line()
        source.line("package func encode(into arena: ByteArena) { unsafe appendEncoded(to: arena) }")
    }

    private func emit(_ item: EnumType, _ source: inout SourceText) {
        let name = names.ownName(item.fullName)
        source.comment(item.comment, last: "`\(item.fullName)`. Open: values that this version does not know are kept.")
        source.block("public struct \(name): RawRepresentable, Hashable, Sendable") { source in
            source.line("public var rawValue: Int32")
            source.line()
            source.line("public init(rawValue: Int32) { self.rawValue = rawValue }")
            source.line()
            for value in item.values {
                source.comment(value.comment)
                let member = Naming.enumValue(value.name, of: item.name)
                source.line("public static let \(member) = Self(rawValue: \(value.number))")
            }
        }
    }
}

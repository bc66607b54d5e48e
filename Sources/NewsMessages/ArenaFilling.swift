internal import CNewsProto

/// Values as members of protobuf-c structs. Encoding has no limit but the machine's memory, so here nothing fails.
extension MessageArena {
    /// A new struct that holds `message`.
    func made<Message: MessageCodec>(_ message: Message) -> UnsafeMutablePointer<Message.Raw> {
        let raw = unsafe room(Message.Raw.self, count: 1)
        unsafe Message.initialize(raw)
        unsafe message.fill(raw, self)
        return unsafe raw
    }

    func message<Message: MessageCodec>(_ message: Message?) -> UnsafeMutablePointer<Message.Raw>? {
        unsafe message.map { unsafe made($0) }
    }

    func messages<Message: MessageCodec>(
        _ messages: [Message]
    ) -> (UnsafeMutablePointer<UnsafeMutablePointer<Message.Raw>?>?, Int) {
        unsafe list(messages) { unsafe made($0) }
    }

    func text(_ text: String) -> ProtobufCBinaryData {
        var text = text
        return text.withUTF8 { unsafe copied($0) }
    }

    func bytes(_ bytes: [UInt8]) -> ProtobufCBinaryData {
        unsafe bytes.withUnsafeBufferPointer { unsafe copied($0) }
    }

    func list<Value, Raw>(
        _ values: [Value], _ convert: (Value) -> Raw
    ) -> (UnsafeMutablePointer<Raw>?, Int) {
        guard !values.isEmpty else { return (nil, 0) }
        let items = unsafe room(Raw.self, count: values.count)
        for (index, value) in values.enumerated() {
            unsafe (items + index).initialize(to: convert(value))
        }
        return unsafe (items, values.count)
    }

    /// The entries of a map in the order of their keys' bytes, so that equal maps give equal messages.
    func entries<Value, Entry>(
        of map: [String: Value], _ fill: (UnsafeMutablePointer<Entry>, String, Value) -> Void
    ) -> (UnsafeMutablePointer<UnsafeMutablePointer<Entry>?>?, Int) {
        let sorted = map.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return unsafe list(sorted) { pair in
            let entry = unsafe room(Entry.self, count: 1)
            unsafe fill(entry, pair.key, pair.value)
            return unsafe entry
        }
    }

    /// Unknown fields go out as one: the first one's tag, and all bytes after it as its content.
    func setUnknownFields(_ fields: [UInt8], of message: inout ProtobufCMessage) {
        guard !fields.isEmpty, let tag = UnknownFields.firstTag(of: fields) else { return }
        let field = unsafe room(ProtobufCMessageUnknownField.self, count: 1)
        let rest = unsafe fields.withUnsafeBufferPointer { unsafe copied(.init(rebasing: $0[tag.end...])) }
        unsafe field.initialize(
            to: ProtobufCMessageUnknownField(
                tag: tag.number, wire_type: ProtobufCWireType(rawValue: tag.wireType), len: rest.len, data: rest.data))
        unsafe message.n_unknown_fields = 1
        unsafe message.unknown_fields = field
    }

    private func copied(_ bytes: UnsafeBufferPointer<UInt8>) -> ProtobufCBinaryData {
        guard let start = bytes.baseAddress, bytes.count > 0 else {
            return unsafe ProtobufCBinaryData(len: 0, data: nil)
        }
        let copy = unsafe room(UInt8.self, count: bytes.count)
        unsafe copy.update(from: start, count: bytes.count)
        return unsafe ProtobufCBinaryData(len: bytes.count, data: copy)
    }

    private func room<Value>(_ type: Value.Type, count: Int) -> UnsafeMutablePointer<Value> {
        guard let room = unsafe allocate(type, count: count) else { preconditionFailure("an unlimited arena is full") }
        return unsafe room
    }
}

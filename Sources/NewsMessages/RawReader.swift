#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif
internal import CNewsProto

/// Members of protobuf-c structs as values.
///
/// Lists and pointers are those that `protobuf_c_message_unpack` has made: a count of n means n elements. `field` names
/// the member in errors.
enum RawReader {
    static func text(_ raw: ProtobufCBinaryData, _ field: String) throws(MessageError) -> String {
        guard let start = unsafe raw.data, unsafe raw.len > 0 else { return "" }
        if unsafe memchr(start, 0, raw.len) != nil { throw .textHasNUL(field: field) }
        let text = unsafe Span(_unsafeStart: start, count: raw.len)
        switch UTF8Check.check(text) {
        case .malformed: throw .textNotUTF8(field: field)
        case .text(let isASCII):
            // Checked above.
            return unsafe String(copying: UTF8Span(unchecked: text, isKnownASCII: isASCII))
        }
    }

    static func bytes(_ raw: ProtobufCBinaryData) -> [UInt8] {
        unsafe Array(UnsafeBufferPointer(start: raw.data, count: raw.len))
    }

    static func message<Message: MessageCodec>(
        _ raw: UnsafeMutablePointer<Message.Raw>?, _ field: String
    ) throws(MessageError) -> Message? {
        guard let raw = unsafe raw else { return nil }
        do {
            return unsafe try Message(reading: raw)
        } catch {
            throw error.inside(field)
        }
    }

    static func texts(
        _ raw: UnsafeMutablePointer<ProtobufCBinaryData>?, _ count: Int, _ field: String
    ) throws(MessageError) -> [String] {
        var texts: [String] = []
        texts.reserveCapacity(count)
        let items = unsafe UnsafeBufferPointer(start: raw, count: count)
        for index in items.indices {
            do {
                texts.append(unsafe try text(items[index], ""))
            } catch {
                throw error.at("\(field)[\(index)]")
            }
        }
        return texts
    }

    static func messages<Message: MessageCodec>(
        _ raw: UnsafeMutablePointer<UnsafeMutablePointer<Message.Raw>?>?, _ count: Int, _ field: String
    ) throws(MessageError) -> [Message] {
        var messages: [Message] = []
        messages.reserveCapacity(count)
        let items = unsafe UnsafeBufferPointer(start: raw, count: count)
        for index in items.indices {
            guard let item = unsafe items[index] else { continue }
            do {
                messages.append(unsafe try Message(reading: item))
            } catch {
                throw error.inside("\(field)[\(index)]")
            }
        }
        return messages
    }

    static func list<Raw, Value>(
        _ raw: UnsafeMutablePointer<Raw>?, _ count: Int, _ convert: (Raw) -> Value
    ) -> [Value] {
        unsafe UnsafeBufferPointer(start: raw, count: count).map { convert($0) }
    }

    /// Of entries with one key the last one holds, as protobuf wants it.
    static func map<Entry, Value>(
        _ raw: UnsafeMutablePointer<UnsafeMutablePointer<Entry>?>?, _ count: Int, _ field: String,
        _ read: (UnsafeMutablePointer<Entry>) throws(MessageError) -> (String, Value)
    ) throws(MessageError) -> [String: Value] {
        var map: [String: Value] = [:]
        let items = unsafe UnsafeBufferPointer(start: raw, count: count)
        for index in items.indices {
            guard let item = unsafe items[index] else { continue }
            do {
                let (key, value) = unsafe try read(item)
                map[key] = value
            } catch {
                throw error.inside("\(field)[\(index)]")
            }
        }
        return map
    }

    /// protobuf-c takes the field numbers 0 and those above 2^29 - 1, which no message can have.
    static func unknownFields(_ message: ProtobufCMessage, of name: String) throws(MessageError) -> [UInt8] {
        guard unsafe message.n_unknown_fields > 0 else { return [] }
        var fields: [UInt8] = []
        let found = unsafe UnsafeBufferPointer(start: message.unknown_fields, count: Int(message.n_unknown_fields))
        for index in found.indices {
            let field = unsafe found[index]
            guard unsafe FieldNumber.isValid(field.tag) else { throw .malformed(message: name) }
            UnknownFields.appendTag(unsafe field.tag, unsafe field.wire_type.rawValue, to: &fields)
            unsafe fields.append(contentsOf: UnsafeBufferPointer(start: field.data, count: field.len))
        }
        return fields
    }
}

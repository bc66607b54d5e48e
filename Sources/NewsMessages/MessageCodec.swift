internal import Bytes
internal import CNewsProto

/// A message with its protobuf-c struct. The generated codec conforms; nothing of it leaves this module.
protocol MessageCodec: ArenaMessage {
    /// protobuf-c's struct. Its first member is a `ProtobufCMessage`, as in every struct that protoc-c writes.
    associatedtype Raw

    /// Makes `raw` the empty message: its descriptor set, no field set.
    static func initialize(_ raw: UnsafeMutablePointer<Raw>)

    /// Copies what protobuf-c has read.
    init(reading raw: UnsafePointer<Raw>) throws(MessageError)

    /// Sets the members of `raw`, which has been initialized. What they point to lies in `arena`.
    func fill(_ raw: UnsafeMutablePointer<Raw>, _ arena: MessageArena)
}

extension MessageCodec {
    static func decoded(from bytes: Span<UInt8>) throws(MessageError) -> Self {
        // Most messages are read without growing the arena: their text, or, of small ones, a few times their size.
        let arena = MessageArena(
            firstChunk: 1024 + min(bytes.count, 1 << 16) + min(3 * bytes.count, 1024),
            limit: MessageArena.limit(forMessageOf: bytes.count))
        // Nothing but pointers refers to the arena while the message is copied out of it.
        defer { withExtendedLifetime(arena) {} }
        let empty = unsafe arena.allocate(Raw.self)
        guard let empty = unsafe empty else { throw .malformed(message: protoName) }
        unsafe initialize(empty)
        let descriptor = unsafe base(of: empty).pointee.descriptor
        let raw = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe arena.withAllocator { allocator in
                unsafe protobuf_c_message_unpack(descriptor, allocator, buffer.count, buffer.baseAddress)
            }
        }
        guard let raw = unsafe raw else { throw .malformed(message: protoName) }
        // What was unpacked by this type's descriptor is this type's struct.
        let message = unsafe UnsafeRawPointer(raw).assumingMemoryBound(to: Raw.self)
        return unsafe try Self(reading: message)
    }

    func encodedBytes() -> [UInt8] {
        unsafe withPacked { message, count in
            unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
                used = unsafe protobuf_c_message_pack(message, buffer.baseAddress)
            }
        }
    }

    func appendEncoded(to arena: ByteArena) {
        unsafe withPacked { message, count in
            let used = unsafe arena.appendUnsafe(upTo: count) { buffer in
                unsafe protobuf_c_message_pack(message, buffer.baseAddress?.assumingMemoryBound(to: UInt8.self))
            }
            assert(used == count, "protobuf-c counted another size than it wrote")
        }
    }

    /// Lends the message as protobuf-c's struct, and its encoded size.
    private func withPacked<Result>(_ body: (UnsafePointer<ProtobufCMessage>, Int) -> Result) -> Result {
        let arena = MessageArena(firstChunk: 2048, limit: .max)
        let raw = unsafe arena.made(self)
        let message = unsafe UnsafePointer(Self.base(of: raw))
        return withExtendedLifetime(arena) { unsafe body(message, protobuf_c_message_get_packed_size(message)) }
    }

    private static func base(of raw: UnsafeMutablePointer<Raw>) -> UnsafeMutablePointer<ProtobufCMessage> {
        // The first member of a C struct lies at the struct's address.
        unsafe UnsafeMutableRawPointer(raw).assumingMemoryBound(to: ProtobufCMessage.self)
    }
}

internal import CNghttp2

/// A header section that is ready to be sent: field names in lower case, and values.
///
/// Those made of literals cost nothing per use: nghttp2 refers to them. Others are copied when they are submitted, so a
/// block may go away as soon as the call that took it returns.
@safe package final class HeaderBlock: @unchecked Sendable {
    // Never written after `init`, so it may be read on any thread.
    private let fields: UnsafeMutableBufferPointer<nghttp2_nv>
    private let storage: UnsafeMutableBufferPointer<UInt8>

    /// Of literals, which live as long as the process.
    package init(literals: KeyValuePairs<StaticString, StaticString>) {
        unsafe fields = .allocate(capacity: literals.count)
        unsafe storage = .allocate(capacity: 0)
        let keep = NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue
        for (index, (name, value)) in literals.enumerated() {
            precondition(name.hasPointerRepresentation && value.hasPointerRepresentation, "a literal of one scalar")
            // nghttp2 takes a mutable pointer and never writes through it.
            unsafe fields.initializeElement(
                at: index,
                to: nghttp2_nv(
                    name: UnsafeMutablePointer(mutating: name.utf8Start),
                    value: UnsafeMutablePointer(mutating: value.utf8Start),
                    namelen: name.utf8CodeUnitCount, valuelen: value.utf8CodeUnitCount, flags: UInt8(keep)))
        }
    }

    /// Of bytes made for one message.
    package init(_ content: [(name: String, value: [UInt8])]) {
        let byteCount = content.reduce(0) { $0 + $1.name.utf8.count + $1.value.count }
        unsafe fields = .allocate(capacity: content.count)
        unsafe storage = .allocate(capacity: max(byteCount, 1))
        var offset = 0
        for (index, (name, value)) in content.enumerated() {
            let nameStart = offset
            for byte in name.utf8 {
                unsafe storage.initializeElement(at: offset, to: byte)
                offset += 1
            }
            let valueStart = offset
            for byte in value {
                unsafe storage.initializeElement(at: offset, to: byte)
                offset += 1
            }
            // Both ranges lie inside `storage`, which lives as long as `fields`.
            let base = unsafe storage.baseAddress.unsafelyUnwrapped
            unsafe fields.initializeElement(
                at: index,
                to: nghttp2_nv(
                    name: base + nameStart, value: base + valueStart, namelen: valueStart - nameStart,
                    valuelen: offset - valueStart, flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)))
        }
    }

    deinit {
        unsafe fields.deallocate()
        unsafe storage.deallocate()
    }

    var pointer: UnsafeMutablePointer<nghttp2_nv>? { unsafe fields.baseAddress }
    var count: Int { unsafe fields.count }
}

/// Where a loop's sockets are read into, one at a time.
@safe final class ReceiveBuffer {
    // Freed with this object; lent by `receive` only.
    private let buffer: UnsafeMutableRawBufferPointer

    init(byteCount: Int) { unsafe buffer = .allocate(byteCount: byteCount, alignment: 64) }

    deinit { unsafe buffer.deallocate() }

    /// Reads once from a socket.
    func receive(from number: Int32) -> Transfer { unsafe Socket.receive(number, into: buffer) }

    /// Lends the first bytes of what was read last.
    func withBytes<Result>(_ byteCount: Int, _ body: (Span<UInt8>) -> Result) -> Result {
        let capacity = unsafe buffer.count
        precondition(byteCount >= 0 && byteCount <= capacity, "more bytes than were read")
        // Written by the last `receive`, whose count this is.
        return unsafe buffer.withMemoryRebound(to: UInt8.self) { bytes in
            unsafe body(Span(_unsafeElements: UnsafeBufferPointer(rebasing: bytes[..<byteCount])))
        }
    }
}

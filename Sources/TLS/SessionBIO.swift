internal import COpenSSL

/// The BIO between OpenSSL and a session: reads what was lent to `receive`, writes to where the session says.
@safe enum SessionBIO {
    // Made once and never changed.
    nonisolated(unsafe) private static let method: OpaquePointer? = unsafe makeMethod()

    /// - Parameter owner: a `TLSSession`, not retained; it frees what holds the BIO.
    static func make(owner: UnsafeMutableRawPointer) -> OpaquePointer? {
        guard let bio = unsafe BIO_new(method) else { preconditionFailure("OpenSSL is out of memory") }
        unsafe BIO_set_data(bio, owner)
        return unsafe bio
    }

    private static func makeMethod() -> OpaquePointer? {
        let method = unsafe BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "newsrpc session")
        unsafe BIO_meth_set_read_ex(method, read)
        unsafe BIO_meth_set_write_ex(method, write)
        unsafe BIO_meth_set_ctrl(method, control)
        return unsafe method
    }

    private static let read:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<CChar>?, Int, UnsafeMutablePointer<Int>?
        ) -> Int32 = { bio, room, roomCount, readCount in
            let room = unsafe UnsafeMutableRawBufferPointer(start: room, count: roomCount)
            let count = unsafe session(of: bio)?._withUnsafeGuaranteedRef { unsafe $0.take(into: room) } ?? 0
            unsafe readCount?.pointee = count
            // Nothing is left of what was lent: more comes with the next call of `receive`.
            if count == 0 { unsafe newsrpc_retry_read(bio) } else { unsafe newsrpc_clear_retry(bio) }
            return count == 0 ? 0 : 1
        }

    private static let write:
        @convention(c) (
            OpaquePointer?, UnsafePointer<CChar>?, Int, UnsafeMutablePointer<Int>?
        ) -> Int32 = { bio, start, count, writtenCount in
            let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
            unsafe session(of: bio)?._withUnsafeGuaranteedRef { unsafe $0.put(bytes) }
            unsafe writtenCount?.pointee = count
            unsafe newsrpc_clear_retry(bio)
            return 1
        }

    /// Everything is written at once, so flushing succeeds; nothing else that may be asked for is there.
    private static let control:
        @convention(c) (
            OpaquePointer?, Int32, Int, UnsafeMutableRawPointer?
        ) -> Int = { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }

    /// The session behind a BIO. It lives while its SSL, and so the BIO, does: no callback needs to count it.
    private static func session(of bio: OpaquePointer?) -> Unmanaged<TLSSession>? {
        guard let owner = unsafe BIO_get_data(bio) else { return nil }
        return unsafe Unmanaged.fromOpaque(owner)
    }
}

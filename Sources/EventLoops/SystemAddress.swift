internal import Glibc

/// An address as system calls take and give it.
struct SystemAddress {
    private var storage = sockaddr_storage()
    private var byteCount = socklen_t(MemoryLayout<sockaddr_storage>.size)

    /// Room for an address that the system will write.
    init() {}

    init(_ address: SocketAddress) {
        switch address {
        case .ipv4(let host, let port):
            var value = sockaddr_in()
            value.sin_family = sa_family_t(AF_INET)
            value.sin_port = port.bigEndian
            value.sin_addr.s_addr = host.rawValue.bigEndian
            store(value, byteCount: MemoryLayout<sockaddr_in>.size)
        case .ipv6(let host, let port):
            var value = sockaddr_in6()
            value.sin6_family = sa_family_t(AF_INET6)
            value.sin6_port = port.bigEndian
            value.sin6_addr = host.systemValue
            value.sin6_scope_id = host.scope
            store(value, byteCount: MemoryLayout<sockaddr_in6>.size)
        case .unix(let path):
            var value = sockaddr_un()
            value.sun_family = sa_family_t(AF_UNIX)
            let bytes = Array(path.utf8)
            precondition(
                bytes.count <= SocketAddress.pathByteCountMax, "the length of a path is checked when it is read")
            // The rest of `sun_path` stays zero.
            unsafe withUnsafeMutableBytes(of: &value.sun_path) { raw in unsafe raw.copyBytes(from: bytes) }
            store(value, byteCount: MemoryLayout<sockaddr_un>.size)
        }
    }

    /// What the system wrote; `nil` for a family that is not used here.
    var address: SocketAddress? {
        switch Int32(storage.ss_family) {
        case AF_INET:
            let value = load(as: sockaddr_in.self)
            return .ipv4(
                IPv4Address(rawValue: UInt32(bigEndian: value.sin_addr.s_addr)), port: UInt16(bigEndian: value.sin_port)
            )
        case AF_INET6:
            let value = load(as: sockaddr_in6.self)
            return .ipv6(
                IPv6Address(value.sin6_addr, scope: value.sin6_scope_id), port: UInt16(bigEndian: value.sin6_port))
        case AF_UNIX:
            let value = load(as: sockaddr_un.self)
            let used = max(0, Int(byteCount) - MemoryLayout<sa_family_t>.size)
            let path = unsafe withUnsafeBytes(of: value.sun_path) { raw in
                unsafe Array(raw.prefix(used).prefix { $0 != 0 })
            }
            return .unix(path: String(decoding: path, as: UTF8.self))  // Empty for a client without a name.
        default: return nil
        }
    }

    /// Lends the address to a call that reads it.
    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        unsafe withUnsafeBytes(of: storage) { raw in
            // The storage is aligned for, and larger than, each kind of address. A span is never empty here.
            unsafe body(raw.baseAddress!.assumingMemoryBound(to: sockaddr.self), byteCount)
        }
    }

    /// Lends the room to a call that writes an address and its length.
    mutating func withMutablePointer<Result>(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Result
    ) -> Result {
        byteCount = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeMutableBytes(of: &storage) { raw in
            unsafe body(raw.baseAddress!.assumingMemoryBound(to: sockaddr.self), &byteCount)
        }
    }

    private mutating func store<Value>(_ value: Value, byteCount: Int) {
        unsafe withUnsafeMutableBytes(of: &storage) { raw in unsafe raw.storeBytes(of: value, as: Value.self) }
        self.byteCount = socklen_t(byteCount)
    }

    private func load<Value>(as type: Value.Type) -> Value {
        unsafe withUnsafeBytes(of: storage) { raw in unsafe raw.load(as: type) }
    }
}

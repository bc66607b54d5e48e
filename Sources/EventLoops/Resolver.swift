internal import Glibc

extension SocketAddress {
    /// Reads an address whose host may also be a name: "news.example.com:50051", "localhost:50051".
    ///
    /// Asks the name service and so may take seconds: never to be called on a loop.
    /// - Returns: Every address of the host, in the order to try them (RFC 6724, as getaddrinfo(3) sorts them).
    package static func resolve(_ text: String) throws(AddressError) -> [SocketAddress] {
        let (host, port) = try split(text)
        guard let port else { return [.unix(path: host)] }
        if let address = IPv4Address(host) { return [.ipv4(address, port: port)] }
        if let address = IPv6Address(host) { return [.ipv6(address, port: port)] }

        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_ADDRCONFIG
        var first: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, nil, &hints, &first)
        guard code == 0 else {
            throw .unknownHost(host: host, reason: unsafe String(cString: gai_strerror(code)))
        }
        defer { unsafe freeaddrinfo(first) }

        var addresses: [SocketAddress] = []
        var next = unsafe first
        // The list is valid until `freeaddrinfo`, and each entry is copied out of it.
        while let entry = unsafe next {
            if let address = unsafe address(of: entry.pointee, port: port), !addresses.contains(address) {
                addresses.append(address)
            }
            unsafe next = entry.pointee.ai_next
        }
        guard !addresses.isEmpty else { throw .unknownHost(host: host, reason: "has no IP address") }
        return addresses
    }

    private static func address(of entry: addrinfo, port: UInt16) -> SocketAddress? {
        guard let pointer = unsafe entry.ai_addr else { return nil }
        let raw = UnsafeRawPointer(pointer)
        // `ai_family` tells which kind of address the pointer leads to.
        switch unsafe entry.ai_family {
        case AF_INET:
            let value = unsafe raw.loadUnaligned(as: sockaddr_in.self)
            return .ipv4(IPv4Address(rawValue: UInt32(bigEndian: value.sin_addr.s_addr)), port: port)
        case AF_INET6:
            let value = unsafe raw.loadUnaligned(as: sockaddr_in6.self)
            return .ipv6(IPv6Address(value.sin6_addr, scope: value.sin6_scope_id), port: port)
        default: return nil
        }
    }
}

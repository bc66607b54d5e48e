/// Where a socket listens or connects to.
package enum SocketAddress: Hashable, Sendable {
    case ipv4(IPv4Address, port: UInt16)
    case ipv6(IPv6Address, port: UInt16)
    /// A file system path, at most 107 bytes.
    case unix(path: String)

    /// `sun_path` has 108 bytes, and Linux wants its NUL among them.
    static let pathByteCountMax = 107

    /// Reads "127.0.0.1:50051", "[::1]:50051" or "unix:/run/newsrpc.sock" (also "unix:///run/newsrpc.sock").
    ///
    /// Port 0 lets the system choose one when listening.
    package init(parsing text: String) throws(AddressError) {
        let (host, port) = try Self.split(text)
        guard let port else {
            self = .unix(path: host)
            return
        }
        if let address = IPv4Address(host) {
            self = .ipv4(address, port: port)
        } else if let address = IPv6Address(host) {
            self = .ipv6(address, port: port)
        } else {
            throw .notAnIPAddress(host: host)
        }
    }

    /// Takes the text apart: host without brackets and port, or path and no port.
    static func split(_ text: String) throws(AddressError) -> (host: String, port: UInt16?) {
        if text.hasPrefix("unix:") {
            var path = text.dropFirst("unix:".count)
            if path.hasPrefix("///") { path = path.dropFirst(2) }
            guard !path.isEmpty else { throw .emptyPath }
            guard !path.utf8.contains(0) else { throw .pathHasNUL }
            guard path.utf8.count <= pathByteCountMax else { throw .pathTooLong(byteCount: path.utf8.count) }
            return (String(path), nil)
        }
        guard let colon = text.lastIndex(of: ":") else { throw .missingPort(text) }
        var host = text[..<colon]
        if host.hasPrefix("[") {
            guard host.hasSuffix("]") else { throw .missingPort(text) }
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw .missingBrackets(text)
        }
        guard !host.isEmpty else { throw .emptyHost(text) }
        let digits = text[text.index(after: colon)...]
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let port = UInt16(digits)
        else { throw .badPort(String(digits)) }
        return (String(host), port)
    }

    /// The port, and `nil` for a path.
    package var port: UInt16? {
        switch self {
        case .ipv4(_, let port), .ipv6(_, let port): port
        case .unix: nil
        }
    }
}

extension SocketAddress: CustomStringConvertible {
    /// In the form that `init(parsing:)` reads.
    package var description: String {
        switch self {
        case .ipv4(let address, let port): "\(address):\(port)"
        case .ipv6(let address, let port): "[\(address)]:\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}

/// Why a text is no address. Each names the part at fault.
package enum AddressError: Error, Hashable, Sendable, CustomStringConvertible {
    case missingPort(String)
    case missingBrackets(String)
    case emptyHost(String)
    case badPort(String)
    case notAnIPAddress(host: String)
    case emptyPath
    case pathHasNUL
    case pathTooLong(byteCount: Int)
    /// The name service knows no address, for the reason given.
    case unknownHost(host: String, reason: String)

    package var description: String {
        switch self {
        case .missingPort(let text): "address \"\(text)\": a port must follow the host, as in 127.0.0.1:50051"
        case .missingBrackets(let text): "address \"\(text)\": an IPv6 address stands in brackets, as in [::1]:50051"
        case .emptyHost(let text): "address \"\(text)\": the host is missing, as in 0.0.0.0:50051"
        case .badPort(let text): "port \"\(text)\": must be a number from 0 to 65535"
        case .notAnIPAddress(let host): "host \"\(host)\": not an IP address"
        case .emptyPath: "address \"unix:\": the path is missing, as in unix:/run/newsrpc.sock"
        case .pathHasNUL: "path of a unix socket: must not contain U+0000"
        case .pathTooLong(let byteCount):
            "path of a unix socket: has \(byteCount) bytes, the system takes \(SocketAddress.pathByteCountMax)"
        case .unknownHost(let host, let reason): "host \"\(host)\": \(reason)"
        }
    }
}

extension SocketAddress {
    /// Only programs on this machine reach it. A wildcard such as 0.0.0.0 is every address of the machine.
    package var isOfThisMachine: Bool {
        switch self {
        case .ipv4(let host, _): host.isLoopback
        case .ipv6(let host, _): host == .loopback || host.mappedIPv4?.isLoopback == true
        case .unix: true
        }
    }
}

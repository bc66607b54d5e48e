package import EventLoops

/// Where a client connects to (gRPC, "Name Resolution").
///
///     127.0.0.1:50051, [::1]:50051         an address
///     news.example.com:50051               a name, all of whose addresses are tried
///     dns:name:port, dns:///name:port      the same
///     ipv4:10.0.0.1:50051,10.0.0.2:50051   several addresses
///     ipv6:[::1]:50051,[fd00::2]:50051
///     unix:/run/newsrpc.sock, unix:///...  a unix socket
package struct ClientTarget: Hashable, Sendable {
    package enum Place: Hashable, Sendable {
        /// Never empty.
        case addresses([SocketAddress])
        /// Host name and port, to be looked up.
        case name(String)
    }

    package let place: Place
    /// What `:authority` says: host and port as the user wrote them, of several the first, or "localhost" for a unix
    /// socket.
    package let authority: String

    package init(_ text: String) throws(RPCError) {
        switch Self.scheme(of: text) {
        case .dns(let name):
            (place, authority) = try Self.single(name)
        case .addresses(let list, let isIPv6):
            var addresses: [SocketAddress] = []
            for part in list.split(separator: ",", omittingEmptySubsequences: false) {
                addresses.append(try Self.address(String(part), isIPv6: isIPv6))
            }
            place = .addresses(addresses)
            authority = Self.withoutScope(String(list.prefix { $0 != "," }))
        case .none: (place, authority) = try Self.single(text)
        }
    }

    /// Whether what is sent stays on the machine: loopback, a unix socket, or the name "localhost" (RFC 6761,
    /// section 6.3). Other names may mean anything.
    package var isOfThisMachine: Bool {
        switch place {
        case .addresses(let addresses): addresses.allSatisfy(\.isOfThisMachine)
        case .name(let name):
            switch name.lowercased().prefix(while: { $0 != ":" }) {
            case "localhost", "localhost.": true
            default: false
            }
        }
    }

    private enum Scheme {
        case dns(String)
        case addresses(String, isIPv6: Bool)
        case none
    }

    /// Only a port after the colon says that what stands before it is a host and no scheme.
    private static func scheme(of text: String) -> Scheme {
        guard let colon = text.firstIndex(of: ":") else { return .none }
        let rest = text[text.index(after: colon)...]
        guard !rest.allSatisfy({ $0.isASCII && $0.isNumber }) else { return .none }
        switch text[..<colon] {
        // "dns://server/name" names the server to ask; an empty one is this system's own.
        case "dns": return .dns(String(rest.hasPrefix("///") ? rest.dropFirst(3) : rest))
        case "ipv4": return .addresses(String(rest), isIPv6: false)
        case "ipv6": return .addresses(String(rest), isIPv6: true)
        default: return .none
        }
    }

    private static func single(_ text: String) throws(RPCError) -> (Place, authority: String) {
        guard !text.hasPrefix("//") else {
            throw invalid("target \"dns:\(text)\": a name server of its own is not supported, as in dns:///host:50051")
        }
        do throws(AddressError) {
            let address = try SocketAddress(parsing: text)
            if case .unix = address { return (.addresses([address]), "localhost") }
            return (.addresses([address]), withoutScope(text))
        } catch {
            guard case .notAnIPAddress = error else { throw invalid(error.description) }
            return (.name(text), withoutScope(text))
        }
    }

    private static func address(_ text: String, isIPv6: Bool) throws(RPCError) -> SocketAddress {
        let address: SocketAddress
        do throws(AddressError) { address = try SocketAddress(parsing: text) } catch {
            throw invalid(error.description)
        }
        switch address {
        case .ipv4 where !isIPv6, .ipv6 where isIPv6: return address
        case .ipv4, .ipv6, .unix: throw invalid("address \"\(text)\": not one of \(isIPv6 ? "IPv6" : "IPv4")")
        }
    }

    /// The zone of an IPv6 address means nothing on another machine (RFC 6874 section 1).
    private static func withoutScope(_ text: String) -> String {
        guard text.hasPrefix("["), let percent = text.firstIndex(of: "%"), let end = text.firstIndex(of: "]") else {
            return text
        }
        return String(text[..<percent] + text[end...])
    }

    private static func invalid(_ text: String) -> RPCError {
        RPCError(.invalidArgument, text, origin: .notConnected)
    }
}

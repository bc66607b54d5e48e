internal import EventLoops

/// Whom the limits for addresses take for one caller: an IPv4 address, or a network of 64 bits of IPv6, which is what
/// one host is commonly given.
enum AddressKey: Hashable, Sendable {
    case ipv4(IPv4Address)
    case ipv6(network: UInt64)

    /// - Returns: `nil` for a unix socket: the permissions of its file say who may connect.
    init?(_ address: SocketAddress) {
        switch address {
        case .ipv4(let host, _): self = .ipv4(host)
        case .ipv6(let host, _): self = host.mappedIPv4.map { .ipv4($0) } ?? .ipv6(network: host.high)
        case .unix: return nil
        }
    }
}

package import EventLoops

/// The order in which addresses are tried.
package enum AddressOrder {
    /// The families take turns, beginning with that of the first address; within a family the order stays (RFC 8305
    /// section 4, gRFC A61). So one family that leads nowhere costs one delay and not one for each address. An address
    /// that is there twice is tried once.
    package static func interleaved(_ addresses: [SocketAddress]) -> [SocketAddress] {
        var first: [SocketAddress] = []
        var second: [SocketAddress] = []
        for address in addresses where !first.contains(address) && !second.contains(address) {
            if first.first.map({ family(of: $0) == family(of: address) }) ?? true {
                first.append(address)
            } else {
                second.append(address)
            }
        }
        let pairs = zip(first, second).flatMap { [$0, $1] }
        let common = min(first.count, second.count)
        return pairs + first.dropFirst(common) + second.dropFirst(common)
    }

    private static func family(of address: SocketAddress) -> Int {
        switch address {
        case .ipv6: 6
        case .ipv4, .unix: 4
        }
    }
}

internal import EventLoops

/// How a client spreads its calls over the addresses of its target.
public enum LoadBalancing: Hashable, Sendable {
    /// All to one of them: the first that answers, in their order.
    case pickFirst
    /// To all of them in turn.
    case roundRobin
}

/// Says which connection the next call goes to. Loop-bound.
struct Balancer {
    enum Choice {
        case connection(ClientConnection)
        /// A connection is being made, or all are full.
        case wait
        case fail(reason: String)
    }

    private let balancing: LoadBalancing
    private(set) var subchannels: [Subchannel] = []
    /// Whose turn it is.
    private var turn = 0

    init(_ balancing: LoadBalancing) { self.balancing = balancing }

    var isEmpty: Bool { subchannels.isEmpty }

    /// Whether a connection is there or on its way.
    var hasHope: Bool {
        subchannels.contains { subchannel in subchannel.state == .ready || subchannel.state == .connecting }
    }

    /// The next connection with room for a call. Those that are not connected are told to be.
    mutating func pick() -> Choice {
        var isWaiting = false
        var reason: String?
        for step in subchannels.indices {
            let index = (turn + step) % subchannels.count
            let subchannel = subchannels[index]
            subchannel.connect()
            switch subchannel.state {
            case .ready:
                if let connection = subchannel.current, connection.takesCalls, connection.hasRoom {
                    turn = (index + 1) % subchannels.count
                    return .connection(connection)
                }
                isWaiting = true
            case .idle, .connecting: isWaiting = true
            case .transientFailure(let text): reason = text
            case .shutdown: break
            }
        }
        if isWaiting { return .wait }
        return .fail(reason: reason ?? "no address")
    }

    /// The target's addresses are these. Connections to those that stay are kept, calls on the others go on.
    mutating func update(_ addresses: [SocketAddress], channel: ClientChannel) {
        switch balancing {
        case .pickFirst:
            let ordered = AddressOrder.interleaved(addresses)
            if subchannels.isEmpty {
                subchannels = [Subchannel(ordered, channel: channel)]
            } else {
                subchannels[0].update(ordered)
            }
        case .roundRobin:
            var old = subchannels
            subchannels = []
            for address in AddressOrder.interleaved(addresses) {
                if let index = old.firstIndex(where: { $0.addresses == [address] }) {
                    subchannels.append(old.remove(at: index))
                } else {
                    subchannels.append(Subchannel([address], channel: channel))
                }
            }
            turn = subchannels.isEmpty ? 0 : turn % subchannels.count
            for subchannel in old { subchannel.shutDown() }
        }
    }

    /// Lets go of every connection; the next call begins anew.
    mutating func removeAll() {
        let old = subchannels
        subchannels = []
        for subchannel in old { subchannel.shutDown() }
    }
}

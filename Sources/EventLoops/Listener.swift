internal import Glibc

/// A listening socket of a loop.
final class Listener {
    /// What became of a try to accept.
    enum Outcome {
        case connection(number: Int32, peer: SocketAddress?)
        /// Nobody waits.
        case none
        /// The process or the system is out of descriptors or memory: accepting has to rest.
        case exhausted
    }

    let address: SocketAddress
    let accept: (Transport) -> (any TransportHandler)?
    var tag: UInt64 = 0
    var resumeTimer: TimerToken?
    private let socket: Descriptor
    private let file: UnixSocketFile?

    init(
        on address: SocketAddress, reusePort: Bool, accept: @escaping (Transport) -> (any TransportHandler)?
    ) throws(LoopError) {
        self.accept = accept
        if case .unix(let path) = address { try UnixSocketFile.makeRoom(at: path) }
        let socket = try Socket.open(for: address)
        if address.port != nil {
            Socket.enable(SO_REUSEADDR, on: socket.number)
            if reusePort { Socket.enable(SO_REUSEPORT, on: socket.number) }
        }
        try Socket.bind(socket.number, to: address)
        file = if case .unix(let path) = address { UnixSocketFile(at: path) } else { nil }
        do {
            try Socket.listen(socket.number, on: address)
        } catch {
            file?.remove()
            throw error
        }
        self.address = Socket.localAddress(of: socket.number) ?? address
        self.socket = socket
    }

    deinit { file?.remove() }

    var number: Int32 { socket.number }

    /// Takes one connection from the backlog.
    /// - Parameter injected: An errno to be met instead, 0 for none.
    func next(injected: Int32) -> Outcome {
        while true {
            var peer = SystemAddress()
            let number = injected == 0 ? Socket.accept(socket.number, peer: &peer) : -injected
            if number >= 0 { return .connection(number: number, peer: peer.address) }
            switch -number {
            case EAGAIN: return .none
            // The one connection broke before it was accepted (accept(2), "Error handling").
            case EINTR, ECONNABORTED, EPROTO, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, ENETDOWN, ENETUNREACH,
                EOPNOTSUPP, EPERM, ETIMEDOUT:
                if injected != 0 { return .none }
            // EMFILE, ENFILE, ENOBUFS, ENOMEM, and whatever else would come again at once.
            default: return .exhausted
            }
        }
    }
}

internal import Glibc

/// A connection that is being made.
final class Connector {
    let address: SocketAddress
    let done: (Result<Transport, LoopError>) -> Void
    var tag: UInt64 = 0
    var timer: TimerToken?
    private var socket: Descriptor?

    init(
        to address: SocketAddress, done: @escaping (Result<Transport, LoopError>) -> Void
    ) throws(LoopError) {
        self.address = address
        self.done = done
        let socket = try Socket.open(for: address)
        if address.port != nil { Socket.disableDelay(on: socket.number) }
        // A unix socket answers at once; epoll then reports it writable like any other.
        if case .failed(let code) = Socket.connect(socket.number, to: address) { throw Self.error(code, address) }
        self.socket = consume socket
    }

    var number: Int32 { socket?.number ?? -1 }

    /// The connected descriptor, now the caller's to close.
    func takeConnected() throws(LoopError) -> Int32 {
        guard let socket = socket.take() else { throw Self.error(ENOTCONN, address) }
        let code = Socket.pendingError(of: socket.number)
        guard code == 0 else { throw Self.error(code, address) }
        return socket.release()
    }

    private static func error(_ code: Int32, _ address: SocketAddress) -> LoopError {
        code == ETIMEDOUT ? .connectTimedOut(address) : .system(operation: "connect to \(address)", code: code)
    }
}

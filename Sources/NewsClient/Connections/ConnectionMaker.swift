internal import EventLoops
internal import HTTP2

/// Makes one connection to one address: socket, then whatever lies between it and HTTP/2, then HTTP/2.
struct ConnectionMaker {
    let loop: EventLoop
    let configuration: RPCClient.Configuration

    /// Connects and starts HTTP/2. The connection says by `Subchannel.newsOf` when it can be used.
    ///
    /// - Parameters:
    ///   - limit: how long it may take until the server has shown itself to speak HTTP/2.
    ///   - isWanted: asked once the socket is connected; it is closed when nobody waits for it any more.
    ///   - done: called at the end of a turn, not at all when the connection is no longer wanted.
    func connect(
        to address: SocketAddress, limit: Duration, owner: Subchannel, isWanted: @escaping () -> Bool,
        done: @escaping (Result<ClientConnection, LoopError>) -> Void
    ) {
        let settings = sessionSettings
        loop.connect(to: address, timeout: limit) { result in
            switch result {
            case .success(let transport):
                guard isWanted() else { return transport.close(.local) }
                let connection = ClientConnection(owner: owner, transport: transport, settings: settings)
                done(.success(connection))
                transport.limitHandshake(to: limit)
                transport.start(owner.channel.security?.handler(for: connection) ?? connection)
            case .failure(let error): if isWanted() { done(.failure(error)) }
            }
        }
    }

    private var sessionSettings: SessionSettings {
        var settings = SessionSettings()
        settings.streamWindow = CallAttempt.streamWindow
        settings.headerListMax = UInt32(clamping: configuration.headerListMax)
        return settings
    }
}

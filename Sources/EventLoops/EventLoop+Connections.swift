internal import Glibc
internal import Threads

/// Connections made and accepted.
extension EventLoop {
    /// Accepts connections at `address`. Port 0 lets the system choose one.
    /// - Parameters:
    ///   - reusePort: Several loops, and other processes of the same user, may listen there; the kernel deals out the
    ///     connections. `requireUnused` first tells whether somebody does already.
    ///   - accept: Called for each connection; without a handler it is closed at once.
    /// - Returns: The address with its real port.
    package func listen(
        on address: SocketAddress, reusePort: Bool, accept: @escaping (Transport) -> (any TransportHandler)?
    ) throws(LoopError) -> SocketAddress {
        let listener = try Listener(on: address, reusePort: reusePort, accept: accept)
        listener.tag = try watch(.listener(listener), listener.number, for: .input)
        return listener.address
    }

    /// Refuses an address where somebody listens. Listening there with `reusePort` would succeed, and share the
    /// connections with a server that was forgotten.
    package static func requireUnused(_ address: SocketAddress) throws(LoopError) {
        guard let port = address.port, port != 0 else { return }
        _ = try Listener(on: address, reusePort: false) { _ in nil }
    }

    /// Accepts no more. Connections that were accepted go on.
    package func closeListeners() {
        for slot in slots {
            guard case .listener(let listener) = slot.source else { continue }
            if let timer = listener.resumeTimer { timers.cancel(timer) }
            remove(listener.tag)
        }
    }

    func accept(from listener: Listener) {
        for _ in 0..<configuration.acceptCountMax {
            switch listener.next(injected: configuration.acceptFault?() ?? 0) {
            case .connection(let number, let peer): begin(number, peer, listener)
            case .none: return
            case .exhausted:
                refuseOne(at: listener)
                epoll.modify(listener.number, tag: listener.tag, for: [])
                let deadline = configuration.clock().saturatingAdd(configuration.acceptPause.nanoseconds)
                listener.resumeTimer = timers.schedule(at: deadline, .listener(listener))
                return
            }
        }
    }

    func resume(_ listener: Listener) {
        listener.resumeTimer = nil
        epoll.modify(listener.number, tag: listener.tag, for: .input)
    }

    private func begin(_ number: Int32, _ peer: SocketAddress?, _ listener: Listener) {
        if listener.address.port != nil { Socket.disableDelay(on: number) }
        let transport = adopt(number, peer: peer, tag: nil)
        if let handler = listener.accept(transport) {
            start(transport, handler)
        } else {
            end(transport, .local)
        }
    }

    /// Takes one connection with the descriptor kept for this, and closes it: its maker learns at once what it would
    /// otherwise wait for in vain.
    private func refuseOne(at listener: Listener) {
        reserve = nil
        if case .connection(let number, _) = listener.next(injected: 0) { _ = close(number) }
        reserve = try? Descriptor.placeholder()
    }

    // MARK: Connecting

    /// Connects, and calls `done` at the end of a turn, never within this call.
    ///
    /// The transport reads nothing until `start` gives it a handler.
    package func connect(
        to address: SocketAddress, timeout: Duration, _ done: @escaping (Result<Transport, LoopError>) -> Void
    ) {
        do throws(LoopError) {
            let connector = try Connector(to: address, done: done)
            connector.tag = try watch(.connector(connector), connector.number, for: .output)
            let deadline = configuration.clock().saturatingAdd(timeout.nanoseconds)
            connector.timer = timers.schedule(at: deadline, .connector(connector))
        } catch {
            results.append((done, .failure(error)))
        }
    }

    func finish(_ connector: Connector) {
        if let timer = connector.timer { timers.cancel(timer) }
        do {
            let number = try connector.takeConnected()
            let transport = adopt(number, peer: connector.address, tag: connector.tag)
            transport.watched = .output
            transport.readsWhileSending = true
            results.append((connector.done, .success(transport)))
        } catch {
            remove(connector.tag)
            results.append((connector.done, .failure(error)))
        }
    }

    func giveUp(_ connector: Connector) {
        remove(connector.tag)
        results.append((connector.done, .failure(.connectTimedOut(connector.address))))
    }
}

internal import EventLoops
internal import HTTP2
internal import Threads

/// One attempt to connect: the addresses of the target, one after the other.
struct ConnectionAttempt {
    /// Tells a late answer to an earlier attempt apart.
    let number: Int
    /// Loop time, in nanoseconds.
    let begun: Int64
    var addresses: ArraySlice<SocketAddress> = []
    /// Connected, and waiting for the server's SETTINGS.
    var connection: ClientConnection?
}

/// Making connections.
extension ClientChannel {
    /// Begins an attempt. The policy has been asked.
    func connect() {
        attemptCount += 1
        attempt = ConnectionAttempt(number: attemptCount, begun: loop.now)
        switch target.place {
        case .address(let address): resolved(attemptCount, .success([address]))
        case .name(let text): resolve(text)
        }
    }

    /// Asks the name service on a thread of its own: it may take seconds.
    private func resolve(_ text: String) {
        let line = ChannelLine(channel: LoopBound(self, loop: loop))
        let number = attemptCount
        _ = Thread.start(name: "news-resolve") {
            let result: Result<[SocketAddress], AddressError>
            do throws(AddressError) {
                result = .success(try SocketAddress.resolve(text))
            } catch {
                result = .failure(error)
            }
            _ = line.post { channel in channel.resolved(number, result) }
        }
    }

    private func resolved(_ number: Int, _ result: Result<[SocketAddress], AddressError>) {
        guard attempt?.number == number else { return }
        switch result {
        case .success(let addresses):
            attempt?.addresses = addresses[...]
            connectToNext()
        case .failure(let error): giveUp(error.description)
        }
    }

    private func connectToNext() {
        guard let number = attempt?.number, let address = attempt?.addresses.popFirst() else { return }
        loop.connect(to: address, timeout: configuration.connectTimeout) { [weak self] result in
            self?.connected(number, result)
        }
    }

    private func connected(_ number: Int, _ result: Result<Transport, LoopError>) {
        guard attempt?.number == number else {
            // The client was closed meanwhile.
            if case .success(let transport) = result { transport.close(.local) }
            return
        }
        switch result {
        case .success(let transport):
            let connection = ClientConnection(channel: self, transport: transport, settings: sessionSettings)
            attempt?.connection = connection
            connections.append(connection)
            transport.limitHandshake(to: configuration.connectTimeout)
            transport.start(connection)
        case .failure(let error): attemptFailed(error.description)
        }
    }

    /// One address could not be connected to: the next one is tried.
    func attemptFailed(_ reason: String) {
        attempt?.connection = nil
        guard attempt?.addresses.isEmpty ?? true else {
            connectToNext()
            return
        }
        giveUp(reason)
    }

    private func giveUp(_ reason: String) {
        guard let begun = attempt?.begun else { return }
        attempt = nil
        let text = "no connection to \(configuration.target): \(reason)"
        let pause = policy.attemptFailed(
            reason: text, spent: .nanoseconds(loop.now - begun), chance: Double.random(in: -1...1))
        failWaiting(text)
        guard let pause else { return }
        loop.schedule(after: pause) { [weak self] in self?.policy.rested() }
    }

    private var sessionSettings: SessionSettings {
        var settings = SessionSettings()
        settings.streamWindow = ActiveCall.streamWindow
        settings.headerListMax = UInt32(clamping: configuration.headerListMax)
        return settings
    }
}

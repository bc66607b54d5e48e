internal import Access
internal import Bytes
internal import EventLoops
internal import GRPCCall
internal import GRPCWire
internal import HTTP2
internal import ServerLog
internal import TLS
internal import TLSTransport

/// What the connections of one loop share.
final class LoopContext {
    let loop: EventLoop
    let dispatcher: any CallDispatcher
    let routing: RoutingTable
    let settings: ServerSettings
    /// Who may call, and how much. `nil`: anybody, and as much as they like.
    let access: LoopAccess?
    let log: EventLog
    private let certificates: TLSCertificates?
    /// Where plaintext of connections with TLS lies for the time of a call.
    private let plaintext = ByteArena(capacity: 64)
    /// Replies of the turn: messages with their prefixes.
    let replies = ByteArena(capacity: 256 << 10)
    /// Of the loop's sessions.
    let sessionMemory = SessionMemory()
    let call: CallContext
    let compression = MessageCompression()
    /// Bytes of requests that have not come whole, or wait.
    var requestByteCount = 0
    /// Requests that are worked on elsewhere.
    let handedOn = HandedOnRequests()
    /// Connections that were cut off for what they held.
    var cutOffCount = 0
    /// Connections of this loop, by number.
    private(set) var connections: [Int: ServerConnection] = [:]
    private var nextNumber = 0
    /// Connections that have not sent all of their replies and refer to the arena.
    private var holdingReplies: [ServerConnection] = []
    private(set) var isDraining = false
    /// Called when the last connection has closed while draining.
    private var drained: (() -> Void)?

    /// Memory that the arena keeps between turns, in bytes.
    private static let keptReplyBytes = 1 << 20

    init(
        loop: EventLoop, dispatcher: any CallDispatcher, routing: RoutingTable, settings: ServerSettings,
        access: AccessControl?, log: EventLog, certificates: TLSCertificates?
    ) {
        self.loop = loop
        self.dispatcher = dispatcher
        self.routing = routing
        self.settings = settings
        self.access = access.map { LoopAccess($0, loop: loop) }
        call = CallContext(reply: replies, limits: settings.call)
        self.log = log
        self.certificates = certificates
        // The loop lets go of it when it stops, whoever else still holds the context.
        loop.onTurnEnd { [self] in endTurn() }
        loop.onDiskWait { [dispatcher] in dispatcher.waitedForDisk(nanoseconds: $0) }
    }

    /// - Parameter isNetwork: whether it came through the network, where TLS is spoken if the server has a certificate.
    func add(_ transport: Transport, isNetwork: Bool) -> (any TransportHandler)? {
        guard !isDraining else { return nil }
        guard connections.count < settings.connectionsPerLoopMax else {
            log.note(.warning, "connection refused", from: transport.peer, ["reason": "too many connections"])
            return nil
        }
        var connectionAccess: ConnectionAccess?
        if let access {
            guard let begun = access.connect(transport.peerAddress) else {
                return refusal(transport, isNetwork: isNetwork)
            }
            connectionAccess = begun
        }
        nextNumber += 1
        let connection = ServerConnection(
            number: nextNumber, transport: transport, context: self, access: connectionAccess)
        connections[nextNumber] = connection
        guard isNetwork, let certificates else { return connection }
        return TLSHandler(
            TLSSession(certificates.current), connection, scratch: plaintext, refusal: WrongPort.answerOfTLS)
    }

    /// Connections that are told why they are refused, until they have closed; others are closed at once.
    private static let refusalsMax = 64

    private func refusal(_ transport: Transport, isNetwork: Bool) -> RefusedConnection? {
        log.note(
            .warning, "connection refused", from: transport.peer,
            ["reason": "the address has as many as one address may have"])
        // A handshake is too much work for a refusal.
        if isNetwork, certificates != nil { return nil }
        return loop.transportCount - connections.count <= Self.refusalsMax ? RefusedConnection() : nil
    }

    /// What a call is told that must not begin.
    func status(of refusal: AccessRefusal, from peer: String) -> Status {
        guard let access else { preconditionFailure("only who asks for callers refuses them") }
        // Somebody guesses, or has a token that was revoked. The other refusals are everyday.
        if refusal == .tokenUnknown { log.note(.warning, "unknown token", from: peer) }
        return access.control.configuration.status(refusal)
    }

    func remove(_ connection: ServerConnection) {
        connections[connection.number] = nil
    }

    /// Bytes of replies that are put together before they are framed: with what is framed from them they stay in the
    /// processor's second cache.
    private static let replyBatchBytes = 128 << 10

    var hasRoomForReplies: Bool { replies.count < Self.replyBatchBytes }

    /// A reply of the connection lies in the arena.
    func holds(_ connection: ServerConnection) {
        connection.isHoldingReplies = true
        holdingReplies.append(connection)
    }

    /// A connection has framed what it could. Once nobody refers to the arena it is used again from its start, while it
    /// is still in the cache.
    func produced(_ connection: ServerConnection, stillRefers: Bool) {
        guard !stillRefers else { return }
        if connection.isHoldingReplies {
            connection.isHoldingReplies = false
            if holdingReplies.last === connection {
                holdingReplies.removeLast()
            } else {
                holdingReplies.removeAll { $0 === connection }
            }
        }
        if holdingReplies.isEmpty { replies.removeAll(keeping: Self.keptReplyBytes) }
    }

    /// Empties the arena: replies that still lie in it go to their connections.
    func makeRoomForReplies() {
        for connection in holdingReplies {
            connection.detachReplies()
            connection.isHoldingReplies = false
        }
        holdingReplies.removeAll(keepingCapacity: true)
        replies.removeAll(keeping: Self.keptReplyBytes)
    }

    /// A status as its caller gets it: one that no service made has its details added here.
    func detailed(_ status: Status) -> Status {
        status.isOK || !status.details.isEmpty ? status : dispatcher.detailed(status)
    }

    private func endTurn() {
        if !holdingReplies.isEmpty { makeRoomForReplies() }
        checkUnreadReplies()
        dispatcher.turnEnded()
        // Also connections that linger are waited for: closed at once, they could lose what was sent last.
        if isDraining && loop.transportCount == 0 { finishDrain() }
    }

    /// No new connections and no new calls; those that run may finish within the grace.
    ///
    /// - Parameter done: called once nothing runs any more, or the grace is over.
    func drain(_ done: @escaping () -> Void) {
        drained = done
        isDraining = true
        loop.closeListeners()
        for connection in Array(connections.values) { connection.drain() }
        // Connections end by themselves within the grace. This is for what does not.
        loop.schedule(after: settings.drainGrace + settings.care.goAwayTimeout * 3) { [weak self] in
            self?.finishDrain()
        }
    }

    private func finishDrain() {
        drained?()
        drained = nil
    }
}

@available(*, unavailable) extension LoopContext: Sendable {}

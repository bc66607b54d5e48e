internal import Bytes
internal import Threads

/// One connected socket, bound to its loop.
///
/// An idle one owns no buffers. The handler is not asked for more while bytes wait, so they are never more than one
/// fill.
package final class Transport {
    enum State {
        /// Connected, and not yet given a handler.
        case new
        case open
        /// Nothing more is read; what the handler still has to say is sent, then it closes.
        case finishing
        /// All is sent and the handler is gone. What the peer still sends is thrown away until it closes too: closing
        /// at once would make the kernel answer with a reset, which may destroy what the peer has not read yet.
        case lingering
        case closed
    }

    /// Who is on the other side: "127.0.0.1:53210", "unix:".
    package let peer: String
    /// The same as an address, where the system told.
    package let peerAddress: SocketAddress?
    package unowned let loop: EventLoop

    let number: Int32
    let tag: UInt64
    var state = State.new
    var handler: (any TransportHandler)?

    /// What epoll watches; `nil` before it was told of this socket.
    var watched: Readiness?
    /// The peer sends no more.
    var isPeerFinished = false
    /// The handler has said that it has nothing more to say, and is not asked again.
    var isProductionFinished = false
    /// `finishSending` was called, and the peer has not been told yet.
    var wantsHalfClose = false
    /// Waits in the loop's list of those to be flushed.
    var isQueued = false
    /// Bytes that the socket did not take, and how many of them have left since.
    var unsent: ByteArena?
    var unsentOffset = 0

    /// When bytes last came in (loop time).
    package internal(set) var lastReceive: Int64
    /// When bytes last moved in either direction, and when they last moved out (loop time).
    var lastActivity: Int64
    var lastSend: Int64
    var handshakeDeadline: Int64?
    var lingerDeadline: Int64?
    /// The one timer of this transport, and for when it is set.
    var timer: TimerToken?
    var timerDeadline = Int64.max

    init(number: Int32, tag: UInt64, peer: SocketAddress?, loop: EventLoop) {
        self.number = number
        self.tag = tag
        self.peer = peer.map(String.init(describing:)) ?? "?"
        peerAddress = peer
        self.loop = loop
        lastReceive = loop.now
        lastActivity = loop.now
        lastSend = loop.now
        idleTimeout = loop.configuration.idleTimeout
        writeStallTimeout = loop.configuration.writeStallTimeout
    }

    /// No byte in or out for so long closes it; `nil` never does.
    package var idleTimeout: Duration? { didSet { loop.refreshTimer(of: self) } }

    /// Bytes that wait, none of which is taken for so long, close it; `nil` never does.
    package var writeStallTimeout: Duration? { didSet { loop.refreshTimer(of: self) } }

    /// When the handler wants to hear `alarmRang` (loop time); it may be a tick late. Each alarm rings once.
    ///
    /// All time limits of a transport share one timer, so moving an alarm to a later time costs nothing.
    package var alarm = Int64.max { didSet { loop.refreshTimer(of: self) } }

    /// Whether reading goes on while bytes wait for the peer.
    ///
    /// Not on accepted connections: what a peer asks for without reading the answers stays in its own memory. But one
    /// side has to, or two that wait for each other would wait forever; so the side that connected does.
    package var readsWhileSending = false

    /// Bytes that wait for the peer to read.
    package var unsentByteCount: Int { (unsent?.count ?? 0) - unsentOffset }

    /// Memory that they take: all of it until the last of them has left.
    package var heldByteCount: Int { unsent?.count ?? 0 }

    package var isOpen: Bool { state == .new || state == .open || state == .finishing }

    /// Gives a connection made by `connect` its handler and begins to read. To be called once.
    package func start(_ handler: any TransportHandler) { loop.start(self, handler) }

    /// Has the handler asked for bytes at the end of this turn. Cheap to repeat.
    package func wantsToSend() { loop.queue(self) }

    /// Tells the peer, once the handler is drained, that no more will come. Reading goes on until the peer closes.
    package func finishSending() {
        wantsHalfClose = true
        loop.queue(self)
    }

    /// Closes now; bytes that wait are dropped. The handler hears of it at the end of the turn.
    package func close(_ reason: CloseReason) { loop.end(self, reason) }

    /// Closes unless `finishHandshake` is called within `duration`.
    package func limitHandshake(to duration: Duration) {
        handshakeDeadline = loop.now.saturatingAdd(duration.nanoseconds)
        loop.refreshTimer(of: self)
    }

    package func finishHandshake() { handshakeDeadline = nil }

    /// The moment at which one of the time limits is over, unless bytes move before; `Int64.max` without limits.
    var nextDeadline: Int64 {
        if let lingerDeadline { return lingerDeadline }
        var deadline = min(alarm, handshakeDeadline ?? .max)
        if let idleTimeout { deadline = min(deadline, lastActivity.saturatingAdd(idleTimeout.nanoseconds)) }
        if let writeStallTimeout, unsent != nil {
            deadline = min(deadline, lastSend.saturatingAdd(writeStallTimeout.nanoseconds))
        }
        return deadline
    }

    /// Which limit is over at `now`, if any.
    func expiredLimit(now: Int64) -> CloseReason? {
        if let handshakeDeadline, handshakeDeadline <= now { return .handshakeTimeout }
        if let writeStallTimeout, unsent != nil, lastSend.saturatingAdd(writeStallTimeout.nanoseconds) <= now {
            return .writeStalled
        }
        if let idleTimeout, lastActivity.saturatingAdd(idleTimeout.nanoseconds) <= now { return .idle }
        return nil
    }
}

@available(*, unavailable) extension Transport: Sendable {}

extension Int64 {
    func saturatingAdd(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}

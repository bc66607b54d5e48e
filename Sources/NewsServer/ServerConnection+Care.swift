internal import EventLoops
internal import GRPCCall
internal import GRPCWire
internal import HTTP2
internal import ServerLog

/// Replies that wait for the peer's window.
struct WindowStall {
    /// When they were last seen to move, and how much had been framed by then. Nil: none waits.
    var since: Int64?
    var framedByteCount = 0
}

/// Whether the peer is still there, and how it is told to go. See ConnectionCare.
extension ServerConnection {
    private var look: ConnectionCare.Look {
        ConnectionCare.Look(
            now: context.loop.now, lastReceive: transport.lastReceive, lastCall: lastCall,
            hasCalls: (session?.openStreamCount ?? 0) > 0)
    }

    func alarmRang() { attend() }

    /// Does what the clock asks for, and sets the alarm for the next time.
    func attend() {
        while session != nil, let action = care.step(look) { perform(action) }
        checkWindow()
        setAlarm()
    }

    private func setAlarm() {
        let stallEnd = stall.since?.adding(context.settings.care.windowStallTimeout) ?? .max
        transport.alarm = min(care.nextTime(look), stallEnd)
    }

    /// Takes no new calls: in two steps, so that no call is refused that is on its way. The connection closes with its
    /// last call.
    func drain() {
        guard session != nil else {
            transport.close(.local)  // It has not begun to speak HTTP/2.
            return
        }
        for slot in running.keys.sorted() { running[slot]?.handler?.draining() }
        let grace = context.settings.drainGrace
        if let action = care.leave(.drain, grace: grace, now: context.loop.now) { perform(action) }
        setAlarm()
    }

    func perform(_ action: ConnectionCare.Action) {
        switch action {
        case .ping: withSession { $0.ping() }
        case .announce: withSession { $0.announceShutdown() }
        case .refuseNewStreams(let reason):
            withSession { $0.finishShutdown(reason.rawValue) }
            setAlarm()
        case .cutOff: cutOffAll(Status(.unavailable, "the server is stopping, or renews its connections"))
        case .giveUp: transport.close(.idle)
        case .settingsTimeout: abort(.settingsTimeout, "settings_timeout")
        }
        transport.wantsToSend()
    }

    // MARK: Peers that do not read

    /// Replies have to wait for the peer's window: it must not take for ever.
    func watchWindow() {
        guard stall.since == nil, let session, session.hasWaitingReplies else { return }
        stall = WindowStall(since: context.loop.now, framedByteCount: session.framedByteCount)
        transport.alarm = min(
            transport.alarm, context.loop.now.adding(context.settings.care.windowStallTimeout))
    }

    private func checkWindow() {
        guard let since = stall.since, let session else { return }
        let now = context.loop.now
        if !session.hasWaitingReplies {
            stall.since = nil
        } else if session.framedByteCount != stall.framedByteCount {
            stall = WindowStall(since: now, framedByteCount: session.framedByteCount)
        } else if since.adding(context.settings.care.windowStallTimeout) <= now {
            let count = session.resetWaiting(.cancel)
            context.log.note(
                .warning, "replies not read", from: transport.peer, ["calls": "\(count)"])
            stall.since = nil
            transport.wantsToSend()
        }
    }

    // MARK: Peers that go too far

    /// PING came: too many in a short time end the connection, unless calls are answered meanwhile.
    func countPing() {
        guard let session else { return }
        let isTooMuch = strikes.pinged(
            now: context.loop.now, hasCalls: session.openStreamCount > 0, hasSent: session.takeHasSentFrames())
        if isTooMuch { abort(.enhanceYourCalm, "too_many_pings") }
    }

    /// Ends the connection, with a word to the peer and a line in the log.
    func abort(_ code: ErrorCode, _ reason: String) {
        guard let session else { return }
        session.abort(code, reason)
        logEnd(reason)
    }

    /// The session can take no more from this peer.
    func failed(_ failure: SessionFailure) {
        switch failure {
        case .aborted: break  // `abort` said so.
        case .tooManyContinuations: logEnd("too_many_continuations")
        case .flooded: logEnd("too_many_control_frames")
        case .badPreface: break  // It was told in its own language, see `refuse`.
        case .outOfMemory: logEnd("out of memory")
        case .other(_, let name): logEnd(name)
        }
    }

    private func logEnd(_ reason: String) {
        context.log.note(.warning, "connection ended", from: transport.peer, ["reason": reason])
        endAllRunning()
    }

    func endAllRunning() {
        for slot in running.keys.sorted() { endRunning(slot) }
        transport.wantsToSend()
    }
}

internal import Threads

/// Decides when a connection is pinged, told to go, and closed. Sans-I/O: it is asked at the times it names, and
/// answers what to do.
///
///     serving --(idle, old, drained)--> announced --(PING answered, or time over)--> leaving --(grace over)--> over
///             GOAWAY 2^31-1, PING              GOAWAY with the last stream        calls cut off, then closed
///
/// All times are nanoseconds of a monotonic clock.
package struct ConnectionCare: Sendable {
    /// Why a connection is told to go; GOAWAY's debug data (gRFC A9).
    package enum LeaveReason: String, Sendable {
        case idle = "max_idle"
        case age = "max_age"
        case drain = "draining"
    }

    package enum Action: Equatable, Sendable {
        case ping
        /// GOAWAY that refuses nothing yet, and PING.
        case announce
        /// GOAWAY: no stream after those that have come.
        case refuseNewStreams(LeaveReason)
        /// The calls that are left end now, and with them the connection, unless the peer does not even read that.
        case cutOff
        /// The peer is gone.
        case giveUp
        /// The peer did not take our SETTINGS.
        case settingsTimeout
    }

    /// What the connection looks like when it is asked.
    package struct Look: Sendable {
        package var now: Int64
        /// When bytes last came in.
        package var lastReceive: Int64
        /// When the last call ended, or the connection began.
        package var lastCall: Int64
        package var hasCalls: Bool

        package init(now: Int64, lastReceive: Int64, lastCall: Int64, hasCalls: Bool) {
            self.now = now
            self.lastReceive = lastReceive
            self.lastCall = lastCall
            self.hasCalls = hasCalls
        }
    }

    private enum Stage: Equatable {
        case serving
        case announced(LeaveReason, until: Int64)
        case leaving(cutOff: Int64)
        case cutOff(until: Int64)
        case over
    }

    private let settings: CareSettings
    private let ageEnd: Int64
    private var settingsEnd: Int64
    private var stage = Stage.serving
    /// When the PING was sent that nothing has come in after.
    private var pinged: Int64?
    private var grace: Duration?

    package init(_ settings: CareSettings, now: Int64) {
        self.settings = settings
        settingsEnd = now.adding(settings.settingsTimeout)
        ageEnd = settings.ageMax.map { now.adding($0 * settings.ageFactor()) } ?? .max
    }

    package var isLeaving: Bool { stage != .serving }

    /// The peer has taken our SETTINGS.
    package mutating func settingsAcknowledged() { settingsEnd = .max }

    /// The connection is to go: no new calls, and those that run have `grace`.
    package mutating func leave(_ reason: LeaveReason, grace: Duration?, now: Int64) -> Action? {
        guard stage == .serving else {
            // It is on its way; the shorter time holds.
            if case .leaving(let end) = stage { stage = .leaving(cutOff: min(end, now.adding(grace))) }
            return nil
        }
        self.grace = grace
        stage = .announced(reason, until: now.adding(settings.goAwayTimeout))
        return .announce
    }

    /// A PING was answered.
    package mutating func pingAnswered(now: Int64) -> Action? {
        guard case .announced(let reason, _) = stage else { return nil }
        return refuseNewStreams(reason, now)
    }

    private mutating func refuseNewStreams(_ reason: LeaveReason, _ now: Int64) -> Action {
        stage = .leaving(cutOff: now.adding(grace))
        return .refuseNewStreams(reason)
    }

    /// What is to be done now; to be asked until it answers `nil`.
    package mutating func step(_ look: Look) -> Action? {
        switch stage {
        case .over: return nil
        case .serving: break
        case .announced(let reason, let end):
            if end <= look.now { return refuseNewStreams(reason, look.now) }
        case .leaving(let end):
            if end <= look.now {
                stage = .cutOff(until: look.now.adding(settings.goAwayTimeout))
                return .cutOff
            }
        case .cutOff(let end):
            if end <= look.now { return finish(.giveUp) }
        }
        if settingsEnd <= look.now { return finish(.settingsTimeout) }
        if let action = keepalive(look) { return action }
        guard stage == .serving else { return nil }
        if ageEnd <= look.now { return leave(.age, grace: settings.ageGrace, now: look.now) }
        if idleEnd(look) <= look.now { return leave(.idle, grace: nil, now: look.now) }
        return nil
    }

    private mutating func finish(_ action: Action) -> Action {
        stage = .over
        return action
    }

    private mutating func keepalive(_ look: Look) -> Action? {
        if let pinged {
            if look.lastReceive > pinged {
                self.pinged = nil
            } else if pinged.adding(settings.keepaliveTimeout) <= look.now {
                return finish(.giveUp)
            }
        }
        guard pinged == nil, look.lastReceive.adding(settings.keepaliveTime) <= look.now else { return nil }
        pinged = look.now
        return .ping
    }

    private func idleEnd(_ look: Look) -> Int64 { look.hasCalls ? .max : look.lastCall.adding(settings.idleMax) }

    /// When to ask again at the latest. What has moved meanwhile only makes it too early.
    package func nextTime(_ look: Look) -> Int64 {
        var time = min(settingsEnd, (pinged?.adding(settings.keepaliveTimeout)) ?? .max)
        if pinged == nil { time = min(time, look.lastReceive.adding(settings.keepaliveTime)) }
        switch stage {
        case .serving:
            // With calls under way idleness begins later, and is looked for again then.
            let idle = look.hasCalls ? look.now.adding(settings.idleMax) : idleEnd(look)
            return min(time, ageEnd, idle)
        case .announced(_, let end), .leaving(let end), .cutOff(let end): return min(time, end)
        case .over: return .max
        }
    }
}

extension Int64 {
    /// The moment so much later; for ever without a duration.
    func adding(_ duration: Duration?) -> Int64 {
        guard let duration else { return .max }
        let (sum, overflow) = addingReportingOverflow(duration.nanoseconds)
        return overflow ? .max : sum
    }
}

internal import EventLoops

/// Keeps a connection's keepalive on its loop: sends PINGs when the clock says so, and tells when none is answered.
final class KeepaliveTimer {
    private unowned let loop: EventLoop
    private var clock: KeepaliveClock
    private var timer: TimerToken?
    private var isAsleep = false
    /// Asked whether calls are running.
    private let hasCalls: () -> Bool
    private let ping: () -> Void
    private let lost: () -> Void

    init(
        _ keepalive: Keepalive, loop: EventLoop, hasCalls: @escaping () -> Bool, ping: @escaping () -> Void,
        lost: @escaping () -> Void
    ) {
        self.loop = loop
        self.hasCalls = hasCalls
        self.ping = ping
        self.lost = lost
        clock = KeepaliveClock(
            time: keepalive.time.clampedNanoseconds, timeout: keepalive.timeout.clampedNanoseconds,
            permitsWithoutCalls: keepalive.permitWithoutCalls, now: loop.now)
    }

    func start() { look() }

    func received() { clock.received(now: loop.now) }

    func callBegan() {
        guard isAsleep else { return }
        isAsleep = false
        schedule(at: clock.wake(now: loop.now))
    }

    func stop() {
        if let timer { loop.cancel(timer) }
        timer = nil
    }

    private func look() {
        switch clock.step(now: loop.now, hasCalls: hasCalls()) {
        case .wait(let time): schedule(at: time)
        case .ping(let next):
            ping()
            schedule(at: next)
        case .rest: isAsleep = true
        case .lost: lost()
        }
    }

    private func schedule(at time: Int64) {
        stop()
        timer = loop.schedule(after: .nanoseconds(max(0, time - loop.now))) { [weak self] in self?.look() }
    }
}

@available(*, unavailable) extension KeepaliveTimer: Sendable {}

import NewsClient
import Testing

@Suite("Keepalive") struct KeepaliveClockTests {
    private func clock(permitsWithoutCalls: Bool = false) -> KeepaliveClock {
        KeepaliveClock(time: 100, timeout: 20, permitsWithoutCalls: permitsWithoutCalls, now: 1000)
    }

    @Test("D16: asks after silence, and takes no answer in time as a loss")
    func silence() {
        var clock = clock()
        #expect(clock.step(now: 1050, hasCalls: true) == .wait(until: 1100))
        #expect(clock.step(now: 1100, hasCalls: true) == .ping(next: 1120))
        #expect(clock.step(now: 1119, hasCalls: true) == .wait(until: 1120))
        #expect(clock.step(now: 1120, hasCalls: true) == .lost)
    }

    @Test("D16: whatever comes counts as an answer")
    func answered() {
        var clock = clock()
        #expect(clock.step(now: 1100, hasCalls: true) == .ping(next: 1120))
        clock.received(now: 1110)
        #expect(clock.step(now: 1120, hasCalls: true) == .wait(until: 1210))
        clock.received(now: 1200)
        #expect(clock.step(now: 1210, hasCalls: true) == .wait(until: 1300))
    }

    @Test("D16: asks as often when an answer may take longer than the time between two questions")
    func longTimeout() {
        var clock = KeepaliveClock(time: 10, timeout: 50, permitsWithoutCalls: false, now: 1000)
        #expect(clock.step(now: 1010, hasCalls: true) == .ping(next: 1020))
        clock.received(now: 1011)
        #expect(clock.step(now: 1020, hasCalls: true) == .wait(until: 1021))
        #expect(clock.step(now: 1021, hasCalls: true) == .ping(next: 1031))
        #expect(clock.step(now: 1031, hasCalls: true) == .wait(until: 1041))
        #expect(clock.step(now: 1065, hasCalls: true) == .wait(until: 1071))
        #expect(clock.step(now: 1071, hasCalls: true) == .lost)
    }

    @Test("D16: rests without calls, and measures anew from the next one")
    func dormant() {
        var clock = clock()
        #expect(clock.step(now: 1050, hasCalls: false) == .rest)
        #expect(clock.wake(now: 9000) == 9100)
        #expect(clock.step(now: 9100, hasCalls: true) == .ping(next: 9120))
    }

    @Test("D16: asks without calls when that is permitted")
    func permitted() {
        var clock = clock(permitsWithoutCalls: true)
        #expect(clock.step(now: 1100, hasCalls: false) == .ping(next: 1120))
    }

    @Test("D16: an answer is waited for even when the calls have ended meanwhile")
    func callsEnd() {
        var clock = clock()
        #expect(clock.step(now: 1100, hasCalls: true) == .ping(next: 1120))
        #expect(clock.step(now: 1120, hasCalls: false) == .lost)
    }

    @Test("a time that cannot be counted never comes")
    func forever() {
        var clock = KeepaliveClock(time: .max, timeout: .max, permitsWithoutCalls: true, now: 1000)
        #expect(clock.step(now: 2000, hasCalls: true) == .wait(until: .max))
    }
}

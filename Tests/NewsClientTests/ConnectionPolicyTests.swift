import NewsClient
import Testing

@Suite("Connection policy") struct ConnectionPolicyTests {
    private func connecting() -> ConnectionPolicy {
        var policy = ConnectionPolicy()
        _ = policy.callWaits()
        return policy
    }

    private func ready() -> ConnectionPolicy {
        var policy = connecting()
        policy.connected()
        return policy
    }

    @Test("the first call connects, others wait for the same attempt, and go on once it is ready")
    func firstCall() {
        var policy = ConnectionPolicy()
        #expect(policy.state == .idle)
        #expect(policy.callWaits() == .connect)
        #expect(policy.callWaits() == .wait)
        policy.connected()
        #expect(policy.callWaits() == .start)
    }

    @Test("D21: after a failed attempt calls fail with its reason until the pause is over")
    func failFast() {
        var policy = connecting()
        #expect(policy.attemptFailed(reason: "refused", spent: .zero, chance: 0) == .seconds(1))
        #expect(policy.callWaits() == .fail(reason: "refused"))
        policy.rested()
        #expect(policy.callWaits() == .connect)
    }

    @Test("D21: pauses grow, and start again after a connection")
    func growingPauses() {
        var policy = ConnectionPolicy()
        for expected in [1000, 1600, 2560, 4096] {
            _ = policy.callWaits()
            let pause = policy.attemptFailed(reason: "refused", spent: .zero, chance: 0)
            #expect(pause == .milliseconds(expected))
            policy.rested()
        }
        _ = policy.callWaits()
        policy.connected()
        policy.disconnected()
        _ = policy.callWaits()
        #expect(policy.attemptFailed(reason: "refused", spent: .zero, chance: 0) == .seconds(1))
    }

    @Test(
        "D21: the pause is counted from the beginning of the attempt",
        arguments: [(400, 600), (1000, 0), (20_000, 0)])
    func timeSpent(spent: Int, pause: Int) {
        var policy = connecting()
        let left = policy.attemptFailed(reason: "timed out", spent: .milliseconds(spent), chance: 0)
        #expect(left == .milliseconds(pause))
    }

    @Test("a connection that is lost or leaving is replaced at the next call, without a pause")
    func lost() {
        var policy = ready()
        policy.disconnected()
        #expect(policy.state == .idle)
        #expect(policy.callWaits() == .connect)
    }

    @Test("a closed client refuses, whatever comes after")
    func closed() {
        for var policy in [ConnectionPolicy(), connecting(), ready()] {
            policy.close()
            policy.connected()
            policy.rested()
            policy.disconnected()
            #expect(policy.attemptFailed(reason: "x", spent: .zero, chance: 0) == nil)
            #expect(policy.callWaits() == .refuse)
        }
    }

    @Test("news that come too late change nothing")
    func late() {
        var idle = ConnectionPolicy()
        idle.connected()
        #expect(idle.attemptFailed(reason: "x", spent: .zero, chance: 0) == nil)
        #expect(idle.state == .idle)
        var working = ready()
        working.rested()
        #expect(working.attemptFailed(reason: "x", spent: .zero, chance: 0) == nil)
        #expect(working.state == .ready)
        var making = connecting()
        making.disconnected()
        #expect(making.state == .connecting)
    }
}

@Suite("Back-off") struct BackOffTests {
    @Test(
        "D21: 1 s, times 1.6, at most 120 s", arguments: [(0, 1.0), (1, 1.6), (2, 2.56), (11, 120), (1_000_000, 120)])
    func pauses(count: Int, seconds: Double) {
        let pause = BackOff().pause(afterFailures: count, chance: 0)
        #expect(abs(pause / .seconds(1) - seconds) < 0.000_001)
    }

    @Test("D21: made a fifth shorter or longer by chance", arguments: [(-1.0, 0.8), (0.5, 1.1), (1.0, 1.2)])
    func jitter(chance: Double, seconds: Double) {
        #expect(abs(BackOff().pause(afterFailures: 0, chance: chance) / .seconds(1) - seconds) < 0.000_001)
        #expect(abs(BackOff().pause(afterFailures: 99, chance: chance) / .seconds(120) - seconds) < 0.000_001)
    }
}

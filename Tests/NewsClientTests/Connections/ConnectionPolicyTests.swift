import NewsClient
import Testing

@Suite("Connection policy") struct ConnectionPolicyTests {
    private func connecting() -> ConnectionPolicy {
        var policy = ConnectionPolicy()
        _ = policy.wanted()
        return policy
    }

    private func ready() -> ConnectionPolicy {
        var policy = connecting()
        policy.connected()
        return policy
    }

    private func failing() -> ConnectionPolicy {
        var policy = connecting()
        _ = policy.attemptFailed(reason: "refused", spent: .zero, chance: 0)
        return policy
    }

    @Test("the first call begins an attempt, others wait for the same one")
    func firstCall() {
        var policy = ConnectionPolicy()
        #expect(policy.state == .idle)
        #expect(policy.wanted() == true)
        #expect(policy.wanted() == false)
        #expect(policy.state == .connecting)
        policy.connected()
        #expect(policy.state == .ready)
        #expect(policy.wanted() == false)
    }

    @Test("D21: a failed attempt is a transient failure, and the next one follows the pause without being asked for")
    func transientFailure() {
        var policy = connecting()
        #expect(policy.attemptFailed(reason: "refused", spent: .zero, chance: 0) == .seconds(1))
        #expect(policy.state == .transientFailure(reason: "refused"))
        #expect(policy.wanted() == false)
        #expect(policy.rested() == true)
        #expect(policy.rested() == false)
    }

    @Test("D21: the failure lasts while attempts go on, and ends with the first that succeeds")
    func failureLasts() {
        var policy = failing()
        #expect(policy.rested() == true)
        #expect(policy.state == .transientFailure(reason: "refused"))
        _ = policy.attemptFailed(reason: "timed out", spent: .zero, chance: 0)
        #expect(policy.state == .transientFailure(reason: "timed out"))
        #expect(policy.rested() == true)
        policy.connected()
        #expect(policy.state == .ready)
    }

    @Test("D21: pauses grow, and start again after a connection")
    func growingPauses() {
        var policy = connecting()
        for expected in [1000, 1600, 2560, 4096] {
            let pause = policy.attemptFailed(reason: "refused", spent: .zero, chance: 0)
            #expect(pause == .milliseconds(expected))
            #expect(policy.rested() == true)
        }
        policy.connected()
        policy.disconnected()
        #expect(policy.wanted() == true)
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

    @Test("D21: an attempt has 20 s, or as long as the pause after it when that is longer")
    func attemptLimit() {
        var policy = connecting()
        #expect(policy.attemptLimit(minimum: .seconds(20)) == .seconds(20))
        for _ in 0..<20 {
            _ = policy.attemptFailed(reason: "refused", spent: .zero, chance: 0)
            _ = policy.rested()
        }
        #expect(policy.attemptLimit(minimum: .seconds(20)) == .seconds(120))
    }

    @Test("a connection that is lost or leaving is replaced when it is wanted, without a pause")
    func lost() {
        var policy = ready()
        policy.disconnected()
        #expect(policy.state == .idle)
        #expect(policy.wanted() == true)
    }

    @Test("what nobody wants any more is forgotten")
    func idle() {
        for var policy in [connecting(), ready(), failing()] {
            policy.becomeIdle()
            #expect(policy.state == .idle)
            #expect(!policy.isAttempting)
            #expect(policy.rested() == false)
            #expect(policy.wanted() == true)
        }
    }

    @Test("a closed client connects no more, whatever comes after")
    func closed() {
        for var policy in [ConnectionPolicy(), connecting(), ready(), failing()] {
            policy.close()
            policy.connected()
            policy.disconnected()
            policy.becomeIdle()
            #expect(policy.rested() == false)
            #expect(policy.attemptFailed(reason: "x", spent: .zero, chance: 0) == nil)
            #expect(policy.wanted() == false)
            #expect(policy.state == .shutdown)
        }
    }

    @Test("news that come too late change nothing")
    func late() {
        var idle = ConnectionPolicy()
        idle.connected()
        #expect(idle.attemptFailed(reason: "x", spent: .zero, chance: 0) == nil)
        #expect(idle.state == .idle)
        var working = ready()
        #expect(working.rested() == false)
        #expect(working.attemptFailed(reason: "x", spent: .zero, chance: 0) == nil)
        #expect(working.state == .ready)
        var making = connecting()
        making.disconnected()
        #expect(making.state == .connecting)
    }
}

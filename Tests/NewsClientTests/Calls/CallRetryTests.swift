import GRPCCall
import GRPCWire
import NewsClient
import Testing

@Suite("Retries") struct CallRetryTests {
    private var throttle = RetryThrottle(capacity: 10, ratio: 0.1)
    private let unavailable = ClientCallEnding(Status(.unavailable, "x"), .server)
    private let lost = ClientCallEnding.connectionLost("x", isUnprocessed: false)
    private let refused = ClientCallEnding(Status(.unavailable, "x"), .server, isUnprocessed: true)

    private func policy(_ change: (inout RetryPolicy) -> Void = { _ in }) -> RetryPolicy {
        var policy = RetryPolicy()
        change(&policy)
        return policy
    }

    private func pushed(_ pushback: RetryPushback, _ code: StatusCode = .unavailable) -> ClientCallEnding {
        ClientCallEnding(Status(code, "x"), .server, pushback: pushback)
    }

    @Test("D22: pauses lie between nothing and initial x multiplier^n, at most the maximum")
    func pauses() {
        let policy = RetryPolicy()
        for (count, most) in [(0, 100), (1, 200), (2, 400), (3, 800), (4, 1000), (100, 1000)] {
            #expect(policy.pause(afterRetries: count, chance: 0) == .zero)
            #expect(policy.pause(afterRetries: count, chance: 0.5) == .milliseconds(most / 2))
            #expect(policy.pause(afterRetries: count, chance: 1) == .milliseconds(most))
        }
    }

    @Test("D22: a call is tried as often as the policy says, and its last failure is its own", arguments: [1, 2, 4, 5])
    func attempts(maxAttempts: Int) {
        var retry = CallRetry(policy: policy { $0.maxAttempts = maxAttempts })
        var throttle = RetryThrottle(capacity: 0, ratio: 0)
        for count in 1..<maxAttempts {
            #expect(
                retry.failed(unavailable, hasLeft: true, throttle: &throttle, chance: 1)
                    == .again(after: RetryPolicy().pause(afterRetries: count - 1, chance: 1)))
            #expect(retry.retryCount == count)
        }
        #expect(retry.failed(unavailable, hasLeft: true, throttle: &throttle, chance: 1) == .end)
    }

    @Test("D22: nobody tries more than five times")
    func limit() {
        var retry = CallRetry(policy: policy { $0.maxAttempts = 100 })
        var throttle = RetryThrottle(capacity: 0, ratio: 0)
        var count = 1
        while retry.failed(unavailable, hasLeft: true, throttle: &throttle, chance: 0) != .end { count += 1 }
        #expect(count == 5)
    }

    @Test("D22: only the codes of the policy are tried again")
    func codes() {
        for code in 1...16 {
            var retry = CallRetry(policy: policy { $0.retryableCodes = [.unavailable, .aborted] })
            var throttle = throttle
            let ending = ClientCallEnding(Status(StatusCode(rawValue: code), ""), .server)
            let decision = retry.failed(ending, hasLeft: true, throttle: &throttle, chance: 0)
            #expect((decision == .end) == ![10, 14].contains(code))
        }
    }

    @Test("D22: a connection that is lost in a call is tried again by a policy only")
    func lostConnection() {
        var throttle = throttle
        var with = CallRetry(policy: policy())
        #expect(with.failed(lost, hasLeft: true, throttle: &throttle, chance: 0) == .again(after: .zero))
        var without = CallRetry(policy: nil)
        #expect(without.failed(lost, hasLeft: true, throttle: &throttle, chance: 0) == .end)
    }

    @Test("D22: what ended here is not tried again")
    func local() {
        var throttle = throttle
        let local = ClientCallEnding(Status(.unavailable, ""), .local)
        for ending in [local, .cancelled, .deadlinePassed, ClientCallEnding(.ok, .server)] {
            var retry = CallRetry(policy: policy { $0.retryableCodes = [.unavailable, .cancelled, .deadlineExceeded] })
            #expect(retry.failed(ending, hasLeft: true, throttle: &throttle, chance: 0) == .end)
        }
    }

    @Test("D22: what the server has not begun with is tried again at once, without a policy, but once only")
    func refusedOnce() {
        var throttle = throttle
        var retry = CallRetry(policy: nil)
        #expect(retry.failed(refused, hasLeft: true, throttle: &throttle, chance: 1) == .again(after: .zero))
        #expect(retry.retryCount == 0)
        #expect(retry.failed(refused, hasLeft: true, throttle: &throttle, chance: 1) == .end)
        #expect(throttle.tokenCount == 10)
    }

    @Test("D22: a second refusal is for the policy")
    func refusedTwice() {
        var throttle = throttle
        var retry = CallRetry(policy: policy())
        _ = retry.failed(refused, hasLeft: true, throttle: &throttle, chance: 1)
        let second = retry.failed(refused, hasLeft: true, throttle: &throttle, chance: 1)
        #expect(second == .again(after: .milliseconds(100)))
        #expect(retry.retryCount == 1)
    }

    @Test("D22: what never left is tried again, but not for ever")
    func unsent() {
        var throttle = throttle
        var retry = CallRetry(policy: nil)
        for _ in 0..<10 {
            #expect(retry.failed(lost, hasLeft: false, throttle: &throttle, chance: 1) == .again(after: .zero))
        }
        #expect(retry.failed(lost, hasLeft: false, throttle: &throttle, chance: 1) == .end)
    }

    @Test("D22: push-back says how long to rest, and the pauses begin anew after it")
    func pushback() {
        var throttle = throttle
        var retry = CallRetry(policy: policy { $0.maxAttempts = 5 })
        #expect(
            retry.failed(unavailable, hasLeft: true, throttle: &throttle, chance: 1)
                == .again(after: .milliseconds(100)))
        let asked = pushed(.after(milliseconds: 5000))
        #expect(retry.failed(asked, hasLeft: true, throttle: &throttle, chance: 1) == .again(after: .seconds(5)))
        #expect(
            retry.failed(unavailable, hasLeft: true, throttle: &throttle, chance: 1)
                == .again(after: .milliseconds(100)))
    }

    @Test("D22: push-back that says no ends the call and takes a token")
    func pushbackStops() {
        var throttle = throttle
        var retry = CallRetry(policy: policy())
        #expect(retry.failed(pushed(.stop), hasLeft: true, throttle: &throttle, chance: 1) == .end)
        #expect(throttle.tokenCount == 9)
    }

    @Test("D22: push-back does not make a code retryable")
    func pushbackOfOtherCode() {
        var throttle = throttle
        var retry = CallRetry(policy: policy())
        let ending = pushed(.after(milliseconds: 1), .notFound)
        #expect(retry.failed(ending, hasLeft: true, throttle: &throttle, chance: 1) == .end)
        #expect(throttle.tokenCount == 10)
    }

    @Test("D22: a call whose failure takes the last token allowed is not tried again")
    func throttled() {
        var throttle = RetryThrottle(capacity: 4, ratio: 0.5)
        var retry = CallRetry(policy: policy { $0.maxAttempts = 5 })
        #expect(retry.failed(unavailable, hasLeft: true, throttle: &throttle, chance: 0) == .again(after: .zero))
        #expect(retry.failed(unavailable, hasLeft: true, throttle: &throttle, chance: 0) == .end)
    }
}

@Suite("Retry throttle") struct RetryThrottleTests {
    @Test("D22: stops at half of the tokens, and goes on after enough successes")
    func halves() {
        var throttle = RetryThrottle(capacity: 10, ratio: 0.1)
        for _ in 0..<4 { throttle.noteFailure() }
        #expect(throttle.allowsRetries)
        throttle.noteFailure()
        #expect(!throttle.allowsRetries)
        throttle.noteSuccess()
        #expect(throttle.allowsRetries)
    }

    @Test("D22: holds no more than its capacity and no less than nothing")
    func bounds() {
        var throttle = RetryThrottle(capacity: 2, ratio: 1)
        throttle.noteSuccess()
        #expect(throttle.tokenCount == 2)
        for _ in 0..<5 { throttle.noteFailure() }
        #expect(throttle.tokenCount == 0)
    }

    @Test("D22: can be switched off")
    func off() {
        var throttle = RetryThrottle(capacity: 0, ratio: 0)
        throttle.noteFailure()
        #expect(throttle.allowsRetries)
    }
}

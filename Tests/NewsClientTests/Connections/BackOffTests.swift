import NewsClient
import Testing

@Suite("Back-off") struct BackOffTests {
    @Test(
        "D21: 1 s, times 1.6, at most 120 s", arguments: [(0, 1.0), (1, 1.6), (2, 2.56), (11, 120), (1_000_000, 120)])
    func pauses(count: Int, seconds: Double) {
        let pause = BackOff().pause(afterFailures: count, chance: 0)
        #expect(abs(pause / .seconds(1) - seconds) < 0.000_001)
    }

    @Test("D21: made a fifth shorter or longer by chance", arguments: [(-1.0, 0.8), (0.5, 1.1), (1.0, 1.2)])
    func jitter(chance: Double, share: Double) {
        #expect(abs(BackOff().pause(afterFailures: 1, chance: chance) / .seconds(1.6) - share) < 0.000_001)
        #expect(abs(BackOff().pause(afterFailures: 99, chance: chance) / .seconds(120) - share) < 0.000_001)
    }

    @Test("D21: the first pause is not left to chance")
    func firstPause() {
        #expect(BackOff().pause(afterFailures: 0, chance: 1) == .seconds(1))
    }
}

import NewsServer
import Testing

@Suite("PINGs that come too soon") struct PingStrikesTests {
    private let minute: Int64 = 60_000_000_000

    @Test("C12: five minutes apart they are welcome while calls run")
    func patient() {
        var strikes = PingStrikes(CareSettings())
        for number in 0..<100 {
            #expect(strikes.pinged(now: Int64(number) * 5 * minute, hasCalls: true, hasSent: false) == false)
        }
    }

    @Test("C12: the third that comes too soon is one too many")
    func hasty() {
        var strikes = PingStrikes(CareSettings())
        let verdicts = (0..<4).map { strikes.pinged(now: Int64($0) * minute, hasCalls: true, hasSent: false) }
        #expect(verdicts == [false, false, false, true])
    }

    @Test("C12: without calls they must be two hours apart, unless they are permitted", arguments: [false, true])
    func withoutCalls(isPermitted: Bool) {
        var settings = CareSettings()
        settings.permitsPingsWithoutCalls = isPermitted
        var strikes = PingStrikes(settings)
        let verdicts = (0..<4).map { strikes.pinged(now: Int64($0) * 6 * minute, hasCalls: false, hasSent: false) }
        #expect(verdicts.last == !isPermitted)
    }

    @Test("C12: whatever is sent clears what was")
    func cleared() {
        var strikes = PingStrikes(CareSettings())
        for number in 0..<50 {
            let hasSent = number % 3 == 2
            #expect(strikes.pinged(now: Int64(number), hasCalls: true, hasSent: hasSent) == false)
        }
    }
}

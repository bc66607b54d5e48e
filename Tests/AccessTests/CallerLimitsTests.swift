import Access
import TestKit
import Testing

@Suite("What a caller may use") struct CallerLimitsTests {
    @Test("a burst may begin at once, and after it one call for each interval")
    func burst() {
        let pace = CallPace(perSecond: 10, burst: 3)
        var due: Int64 = 0
        let start: Int64 = 5_000_000_000
        for _ in 0..<3 { due = begin(pace, due, start) ?? -1 }
        #expect(pace.call(due: due, now: start) == .wait(100_000_000))
        #expect(pace.call(due: due, now: start + 99_999_999) == .wait(1))
        let next = begin(pace, due, start + 100_000_000)
        #expect(next != nil)
        #expect(pace.call(due: next ?? 0, now: start + 100_000_000) == .wait(100_000_000))
    }

    @Test("a bucket that was left alone is full again, and no fuller")
    func refill() {
        let pace = CallPace(perSecond: 1, burst: 2)
        var due: Int64 = 0
        due = begin(pace, due, 0) ?? -1
        due = begin(pace, due, 0) ?? -1
        let later: Int64 = 3600 * 1_000_000_000
        due = begin(pace, due, later) ?? -1
        due = begin(pace, due, later) ?? -1
        #expect(pace.call(due: due, now: later) == .wait(1_000_000_000))
    }

    @Test("whenever calls come, no window holds more than the burst and the rate allow")
    func never() {
        var random = SeededGenerator.forTest("pace")
        let (rate, burst) = (50, 7)
        let pace = CallPace(perSecond: rate, burst: burst)
        var due: Int64 = 0
        var now: Int64 = 0
        var begun: [Int64] = []
        for _ in 0..<5000 {
            now += Int64(random.next() % 40_000_000)
            if let next = begin(pace, due, now) {
                due = next
                begun.append(now)
            }
        }
        for (first, start) in begun.enumerated() {
            let inSecond = begun[first...].prefix { $0 < start + 1_000_000_000 }.count
            #expect(inSecond <= burst + rate)
        }
    }

    @Test("extreme numbers do not overflow")
    func extremes() {
        let pace = CallPace(perSecond: 1, burst: .max)
        #expect(pace.window == .max / 2)
        #expect(begin(pace, 0, 1 << 60) != nil)
        #expect(CallPace(perSecond: .max, burst: 1).interval == 1)
    }

    @Test("a token's own limits stand before the server's")
    func filled() {
        var server = CallerLimits()
        server.callsPerSecond = 10
        server.callBurst = 20
        server.callsInFlight = 5
        var own = CallerLimits()
        own.callsPerSecond = 100
        let limits = own.filled(from: server)
        #expect(limits.callsPerSecond == 100 && limits.callBurst == nil && limits.callsInFlight == 5)
        #expect(CallerLimits().filled(from: server) == server)
        #expect(limits.pace == CallPace(perSecond: 100, burst: 100))
        #expect(CallerLimits().pace == nil)
    }

    private func begin(_ pace: CallPace, _ due: Int64, _ now: Int64) -> Int64? {
        if case .begin(let due) = pace.call(due: due, now: now) { return due }
        return nil
    }
}

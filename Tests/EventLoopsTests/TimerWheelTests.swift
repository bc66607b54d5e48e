import EventLoops
import Testing

@Suite("Timer wheels") struct TimerWheelTests {
    private static let tick = TimerWheel<Int>.tick

    @Test(
        "fire never before the deadline, and at most a tick after it",
        arguments: [
            0, 1, 999, 8_388_607, 8_388_608, 8_388_609, 500_000_000, 536_870_912, 536_870_913, 34_359_738_368,
            40_000_000_000, 2_199_023_255_552, 86_400_000_000_000, 31_536_000_000_000_000,
        ] as [Int64], [0, 1, 12_345_678_901, 4_398_046_511_103] as [Int64])
    func punctual(delay: Int64, start: Int64) {
        var wheel = TimerWheel<Int>(now: start)
        _ = wheel.schedule(at: start + delay, 7)
        #expect(delay == 0 || wheel.removeExpired(now: start + delay - 1) == nil)
        #expect(wheel.removeExpired(now: start + delay + Self.tick) == 7)
        #expect(wheel.count == 0)
        #expect(wheel.nextDeadline == nil)
    }

    @Test("tell when to ask again, so that asking only then finds every timer in time")
    func deadlines() throws {
        var random = SplitMix(seed: 1)
        var wheel = TimerWheel<Int64>(now: 0)
        var now: Int64 = 0
        var set = 0
        var seen = 0
        while seen < 2_000 {
            if set < 2_000 {
                // Delays of all sizes: a random number of bits.
                let delay = Int64(random.next() >> (24 + random.next() % 40))
                _ = wheel.schedule(at: now + delay, now + delay)
                set += 1
            }
            guard set == 2_000 || set % 7 == 0 else { continue }
            now = max(now, try #require(wheel.nextDeadline))
            while let deadline = wheel.removeExpired(now: now) {
                #expect(deadline <= now)
                #expect(now < deadline + Self.tick)
                seen += 1
            }
        }
        #expect(wheel.count == 0)
    }

    @Test(
        "agree with a plain list through any order of setting, cancelling and waiting",
        arguments: 1...8 as ClosedRange<UInt64>)
    func model(seed: UInt64) {
        var random = SplitMix(seed: seed)
        var wheel = TimerWheel<Int>(now: 5_000_000)
        var now: Int64 = 5_000_000
        var waiting: [Int: (token: TimerToken, deadline: Int64)] = [:]
        for number in 0..<5_000 {
            switch random.next() % 4 {
            case 0, 1:
                let deadline = now + Int64(random.next() >> (20 + random.next() % 44)) - 1_000
                waiting[number] = (wheel.schedule(at: deadline, number), deadline)
            case 2:
                // The smallest number, as dictionaries have no order.
                guard let victim = waiting.keys.min(), let (token, _) = waiting.removeValue(forKey: victim) else {
                    continue
                }
                let answers = [wheel.cancel(token), wheel.cancel(token)]
                #expect(answers == [true, false])
            default:
                now += Int64(random.next() >> (30 + random.next() % 34))
                while let fired = wheel.removeExpired(now: now) {
                    let deadline = waiting.removeValue(forKey: fired)?.deadline
                    #expect(deadline.map { $0 <= now } == true)
                }
                #expect(waiting.values.allSatisfy { $0.deadline > now - Self.tick })
            }
            #expect(wheel.count == waiting.count)
        }
    }

    @Test("fire timers of one tick in the order they were set")
    func order() {
        var wheel = TimerWheel<Int>(now: 0)
        for number in 0..<5 { _ = wheel.schedule(at: 1_000_000_000, number) }
        var fired: [Int] = []
        while let number = wheel.removeExpired(now: 2_000_000_000) { fired.append(number) }
        #expect(fired == [0, 1, 2, 3, 4])
    }

    @Test("may be changed between two timers that are due")
    func changes() {
        var wheel = TimerWheel<String>(now: 0)
        _ = wheel.schedule(at: 1, "first")
        let second = wheel.schedule(at: 2, "second")
        #expect(wheel.removeExpired(now: 100_000_000) == "first")
        wheel.cancel(second)
        _ = wheel.schedule(at: 50_000_000, "third")
        #expect(wheel.removeExpired(now: 100_000_000) == "third")
        #expect(wheel.removeExpired(now: 100_000_000) == nil)
    }

    @Test("do not mix up a timer with an earlier one in the same place")
    func generations() {
        var wheel = TimerWheel<Int>(now: 0)
        let old = wheel.schedule(at: 1, 1)
        wheel.cancel(old)
        _ = wheel.schedule(at: 1, 2)
        let isCancelled = wheel.cancel(old)
        #expect(!isCancelled)
        #expect(wheel.removeExpired(now: Self.tick) == 2)
    }

    @Test("keep a timer without end for years", arguments: [Int64.max, Int64.max - 1])
    func endless(deadline: Int64) {
        var wheel = TimerWheel<Int>(now: 123_456_789)
        let token = wheel.schedule(at: deadline, 1)
        let year: Int64 = 365 * 86_400 * 1_000_000_000
        for count in 1...10 { #expect(wheel.removeExpired(now: Int64(count) * year) == nil) }
        let isCancelled = wheel.cancel(token)
        #expect(isCancelled)
    }
}

/// A generator of numbers that look random and are the same for the same seed (Steele and others, 2014).
struct SplitMix {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

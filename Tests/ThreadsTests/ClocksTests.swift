import Testing
import Threads

@Suite("Clocks") struct ClocksTests {
    @Test("the monotonic clock never goes back")
    func monotonic() {
        var last = MonotonicClock.now
        var isOrdered = true
        for _ in 0..<10_000 {
            let now = MonotonicClock.now
            isOrdered = isOrdered && now >= last
            last = now
        }
        #expect(isOrdered)
    }

    @Test("the wall clock counts microseconds since 1970")
    func wall() {
        let year2020: Int64 = 1_577_836_800_000_000
        let year2200: Int64 = 7_258_118_400_000_000
        #expect((year2020..<year2200).contains(WallClock.now))
    }
}

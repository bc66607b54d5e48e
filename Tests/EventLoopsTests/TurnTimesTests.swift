import EventLoops
import Testing

@Suite("Times of turns") struct TurnTimesTests {
    @Test("are counted by powers of two, the longest apart")
    func sizes() {
        let turns = TurnTimes()
        for nanoseconds: Int64 in [0, 999, 1000, 1_999, 2_000, 3_999, 5_000_000_000, -7] { turns.note(nanoseconds) }
        #expect(Array(turns.all.prefix(4)) == [3, 2, 2, 0])
        #expect(turns.all.last == 1 && turns.all.reduce(0, +) == 8)
        #expect(turns.longestNanoseconds == 5_000_000_000)
    }
}

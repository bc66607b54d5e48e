import NewsClient
import Testing

@Suite("Race of addresses") struct ConnectionRaceTests {
    @Test("begins with the first, and with the next when the delay has passed")
    func delay() {
        var race = ConnectionRace(addressCount: 3)
        #expect(race.next() == .begin(0))
        #expect(race.hasNext)
        #expect(race.next() == .begin(1))
        #expect(race.next() == .begin(2))
        #expect(!race.hasNext)
        #expect(race.next() == .wait)
    }

    @Test("begins with the next at once when the latest fails")
    func latestFails() {
        var race = ConnectionRace(addressCount: 2)
        #expect(race.next() == .begin(0))
        #expect(race.failed(0, "refused") == .begin(1))
        #expect(race.failed(1, "timed out") == .over(reason: "refused; timed out"))
    }

    @Test("leaves the latest its time when an earlier one fails")
    func earlierFails() {
        var race = ConnectionRace(addressCount: 3)
        _ = race.next()
        _ = race.next()
        #expect(race.failed(0, "refused") == .wait)
        #expect(race.failed(1, "refused") == .begin(2))
        #expect(race.failed(2, "refused") == .over(reason: "refused"))
    }

    @Test("is over only when the last under way has failed")
    func lastUnderWay() {
        var race = ConnectionRace(addressCount: 2)
        _ = race.next()
        _ = race.next()
        #expect(race.failed(1, "b") == .wait)
        #expect(race.failed(0, "a") == .over(reason: "b; a"))
    }

    @Test("tells no more than four reasons")
    func reasons() {
        var race = ConnectionRace(addressCount: 6)
        _ = race.next()
        for index in 0..<5 { #expect(race.failed(index, "\(index)") == .begin(index + 1)) }
        #expect(race.failed(5, "5") == .over(reason: "0; 1; 2; 3"))
    }

    @Test("is over before it begins when there is nothing to try")
    func noAddress() {
        var race = ConnectionRace(addressCount: 0)
        #expect(race.next() == .over(reason: "no address"))
    }
}

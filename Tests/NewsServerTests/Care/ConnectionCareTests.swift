import NewsServer
import Testing

@Suite("When a connection is pinged, told to go, and closed") struct ConnectionCareTests {
    private var settings: CareSettings {
        var settings = CareSettings()
        settings.keepaliveTime = .seconds(100)
        settings.keepaliveTimeout = .seconds(20)
        settings.idleMax = nil
        settings.ageFactor = { 1 }
        settings.settingsTimeout = .seconds(10)
        return settings
    }

    /// Seconds to the clock's nanoseconds.
    private func look(
        _ now: Int64, received: Int64 = 0, lastCall: Int64 = 0, hasCalls: Bool = false
    ) -> ConnectionCare.Look {
        let second: Int64 = 1_000_000_000
        return ConnectionCare.Look(
            now: now * second, lastReceive: received * second, lastCall: lastCall * second, hasCalls: hasCalls)
    }

    private func care(_ change: (inout CareSettings) -> Void = { _ in }) -> ConnectionCare {
        var settings = settings
        change(&settings)
        var care = ConnectionCare(settings, now: 0)
        care.settingsAcknowledged()
        return care
    }

    private func seconds(_ time: Int64) -> Int64 { time / 1_000_000_000 }

    @Test("C11: a peer that says nothing is pinged, and given up when it still says nothing")
    func keepalive() {
        var care = care()
        #expect(seconds(care.nextTime(look(0))) == 100)
        #expect(care.step(look(99)) == nil)
        #expect(care.step(look(100)) == .ping)
        #expect(care.step(look(100)) == nil)
        #expect(seconds(care.nextTime(look(100))) == 120)
        #expect(care.step(look(119)) == nil)
        #expect(care.step(look(120)) == .giveUp)
        #expect(care.step(look(500)) == nil)
        #expect(care.nextTime(look(500)) == .max)
    }

    @Test("C11: whatever comes in after a PING shows that the peer is there")
    func alive() {
        var care = care()
        #expect(care.step(look(100)) == .ping)
        #expect(care.step(look(120, received: 101)) == nil)
        #expect(seconds(care.nextTime(look(120, received: 101))) == 201)
        #expect(care.step(look(201, received: 101)) == .ping)
    }

    @Test("E12: a peer that does not take our SETTINGS is closed, one that does is left alone")
    func settingsTimeout() {
        var care = ConnectionCare(settings, now: 0)
        #expect(seconds(care.nextTime(look(0))) == 10)
        #expect(care.step(look(9, received: 9)) == nil)
        #expect(care.step(look(10, received: 10)) == .settingsTimeout)
        var other = self.care()
        #expect(other.step(look(10, received: 10)) == nil)
    }

    @Test("C8, C11: a connection without calls is told to go in two steps")
    func idle() {
        var care = care { $0.idleMax = .seconds(30) }
        #expect(care.step(look(29, received: 29)) == nil)
        #expect(care.step(look(40, received: 40, lastCall: 5, hasCalls: true)) == nil)
        #expect(care.step(look(60, received: 60, lastCall: 40)) == nil)
        #expect(seconds(care.nextTime(look(60, received: 60, lastCall: 40))) == 70)
        #expect(care.step(look(70, received: 60, lastCall: 40)) == .announce)
        #expect(care.step(look(70, received: 60, lastCall: 40)) == nil)
        #expect(care.pingAnswered(now: 70_000_000_000) == .refuseNewStreams(.idle))
        #expect(care.pingAnswered(now: 70_000_000_000) == nil)
    }

    @Test("C8: without an answer to its PING the second GOAWAY follows all the same")
    func noAnswer() {
        var care = care { $0.goAwayTimeout = .seconds(2) }
        #expect(care.leave(.drain, grace: .seconds(5), now: 0) == .announce)
        #expect(care.isLeaving)
        #expect(care.step(look(1)) == nil)
        #expect(seconds(care.nextTime(look(1))) == 2)
        #expect(care.step(look(2)) == .refuseNewStreams(.drain))
        #expect(seconds(care.nextTime(look(2))) == 7)
        #expect(care.step(look(7, hasCalls: true)) == .cutOff)
        #expect(care.step(look(9, hasCalls: true)) == .giveUp)
    }

    @Test("C11: an old connection is told to go, at an age that differs from the next one's")
    func age() {
        var care = care {
            $0.ageMax = .seconds(50)
            $0.ageGrace = .seconds(7)
            $0.ageFactor = { 1.1 }
        }
        #expect(care.step(look(54, received: 54, hasCalls: true)) == nil)
        #expect(care.step(look(55, received: 55, hasCalls: true)) == .announce)
        #expect(care.pingAnswered(now: 55_000_000_000) == .refuseNewStreams(.age))
        #expect(care.step(look(61, received: 61, hasCalls: true)) == nil)
        #expect(care.step(look(62, received: 62, hasCalls: true)) == .cutOff)
    }

    @Test("C11: the age of connections is spread by a tenth to both sides")
    func jitter() {
        let factors = (0..<1000).map { _ in CareSettings().ageFactor() }
        #expect(factors.allSatisfy { (0.9...1.1).contains($0) })
        #expect((factors.min() ?? 1) < 0.92)
        #expect((factors.max() ?? 1) > 1.08)
    }

    @Test("a connection that is leaving already is drained by the shorter of both graces")
    func drainWhileLeaving() {
        var care = care { $0.ageMax = .seconds(10) }
        #expect(care.step(look(10, received: 10)) == .announce)
        #expect(care.pingAnswered(now: 10_000_000_000) == .refuseNewStreams(.age))
        #expect(care.leave(.drain, grace: .seconds(3), now: 20_000_000_000) == nil)
        #expect(care.step(look(23, received: 22, hasCalls: true)) == .cutOff)
    }
}

import ServerLog
import Synchronization
import Testing
import Threads

@Suite("The server's log") struct EventLogTests {
    /// Lines as they were written.
    private final class Written: Sendable {
        private let text = Mutex("")
        func add(_ more: String) { text.withLock { $0 += more } }
        var lines: [String] { text.withLock { $0.split(separator: "\n").map(String.init) } }
    }

    private func lines(_ format: LogFormat, _ body: (EventLog) -> Void) -> [String] {
        let written = Written()
        // 2026-11-22T09:15:01.250125Z
        let log = EventLog(level: .info, format: format, lines: LineQueue { written.add($0) }) { 1_795_338_901_250_125 }
        body(log)
        log.flush()
        return written.lines
    }

    @Test("an event is one line of time, level, event and fields by name")
    func text() {
        let lines = lines(.text) { log in
            log.note(.info, "draining", ["delay": "5 s", "calls": "12"])
            log.note(.error, "stopped")
        }
        #expect(
            lines == [
                "2026-11-22T09:15:01.250125Z info draining calls=12 delay=\"5 s\"",
                "2026-11-22T09:15:01.250125Z error stopped",
            ])
    }

    @Test("as JSON it is one object")
    func json() {
        let lines = lines(.json) { $0.note(.warning, "connection refused", from: "192.0.2.7:9", ["reason": "a \"b\""]) }
        #expect(
            lines == [
                #"{"ts":"2026-11-22T09:15:01.250125Z","level":"warning","event":"connection refused","#
                    + #""peer":"192.0.2.7:9","reason":"a \"b\""}"#
            ])
    }

    @Test("what a peer sent cannot begin a line or a field of its own", arguments: LogFormat.allCases)
    func injection(format: LogFormat) {
        let lines = lines(format) { $0.note(.info, "odd", ["path": "/a\n2026 info stopped\u{1B}[2J x=1"]) }
        #expect(lines.count == 1)
        #expect(lines.first?.contains(#""/a\n2026 info stopped\u001b[2J x=1""#) == true)
    }

    @Test("events below the level are left out")
    func level() {
        #expect(lines(.text) { $0.note(.debug, "detail") } == [])
    }

    @Test("what one address causes again and again is one line; another address and another kind have their own")
    func throttled() {
        let lines = lines(.text) { log in
            for port in 0..<5000 { log.note(.warning, "attack", from: "192.0.2.7:\(port)") }
            log.note(.warning, "attack", from: "[2001:db8::1]:1")
            log.note(.warning, "attack", from: "[2001:db8::1]:2")
            log.note(.warning, "other", from: "192.0.2.7:1")
        }
        #expect(
            lines.map { $0.split(separator: " ").dropFirst(2).joined(separator: " ") } == [
                "attack peer=192.0.2.7:0", "attack peer=[2001:db8::1]:1", "other peer=192.0.2.7:1",
            ])
    }

    @Test("what happens to one thing again and again is one line; another thing has its own")
    func about() {
        let lines = lines(.text) { log in
            for _ in 0..<1000 { log.note(.error, "no room", about: "2026-02", ["shard": "2026-02"]) }
            log.note(.error, "no room", about: "2026-03", ["shard": "2026-03"])
        }
        #expect(
            lines.map { $0.split(separator: " ").dropFirst(2).joined(separator: " ") } == [
                "no room shard=2026-02", "no room shard=2026-03",
            ])
    }

    @Test("after a while the next one passes, and says how many were held back")
    func throttleInterval() {
        let throttle = EventThrottle(interval: .seconds(60))
        #expect(throttle.admit("attack", from: "a", now: 0) == 0)
        for second in 1..<60 { #expect(throttle.admit("attack", from: "a", now: Int64(second) * 1_000_000_000) == nil) }
        #expect(throttle.admit("attack", from: "a", now: 60_000_000_000) == 59)
        #expect(throttle.admit("attack", from: "a", now: 120_000_000_000) == 0)
    }

    @Test("addresses beyond those that are told apart share a line")
    func throttleCapacity() {
        let throttle = EventThrottle(interval: .seconds(60), capacity: 4)
        let passed = (0..<1000).count { throttle.admit("attack", from: "\($0)", now: 0) != nil }
        #expect(passed == 5)
        #expect(throttle.admit("attack", from: "new", now: 60_000_000_000) == 0)
    }

    @Test("lines that nobody reads are dropped and counted, and hold up nobody")
    func dropped() {
        let written = Written()
        let (began, goOn) = (WaitFlag(), WaitFlag())
        let queue = LineQueue(capacity: 3) { text in
            began.raise()
            if text == "first\n" { goOn.wait() }
            written.add(text)
        }
        queue.append("first")
        began.wait()
        for number in 0..<10 { queue.append("\(number)") }
        goOn.raise()
        queue.flush(within: .seconds(60))
        #expect(written.lines == ["first", "0", "1", "2", "(7 lines of the log were dropped)"])
    }
}

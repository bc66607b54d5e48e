import Bytes
import HTTP2
import Testing

@Suite("The end of a session whose peer went too far") struct AbortTests {
    /// A server session that is fed by hand.
    private final class Fed {
        let events = Recorder()
        let output = ByteArena()
        let session: ServerSession

        /// - Parameter hasBegun: the server's SETTINGS have left.
        init(_ settings: SessionSettings = SessionSettings(), hasBegun: Bool = true) {
            session = ServerSession(settings: settings, replies: ByteArena(), events: events)
            if hasBegun { _ = produce() }
        }

        func produce() -> (bytes: [UInt8], outcome: ProduceOutcome) {
            output.removeAll()
            let outcome = session.produce(into: output, limit: 1 << 20)
            return (output.withBytes(in: 0..<output.count) { [UInt8](copying: $0) }, outcome)
        }

        func receive(_ bytes: [UInt8]) -> ReceiveOutcome { session.receive(bytes.span) }
    }

    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(type: 4)

    private static func frame(type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) -> [UInt8] {
        var bytes = Array(word(UInt32(payload.count)).dropFirst())
        bytes += [type, flags]
        bytes += word(stream)
        return bytes + payload
    }

    private static func word(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
    }

    /// Fields without compression (RFC 7541 section 6.2.2).
    private static func block(_ fields: [(String, String)]) -> [UInt8] {
        var block: [UInt8] = []
        for (name, value) in fields {
            block += [0, UInt8(name.utf8.count)] + Array(name.utf8)
            block += [UInt8(value.utf8.count)] + Array(value.utf8)
        }
        return block
    }

    private static let request = block([
        (":method", "POST"), (":scheme", "http"), (":path", "/a/b"), (":authority", "x"),
    ])

    private static func goAway(last: UInt32, _ code: ErrorCode, _ text: String) -> [UInt8] {
        frame(type: 7, word(last) + word(code.rawValue) + Array(text.utf8))
    }

    @Test("abort says why in a GOAWAY, once, and nothing after it")
    func abort() {
        let fed = Fed()
        #expect(fed.receive(Self.preface) == .taken)
        fed.session.abort(.enhanceYourCalm, "too_many_pings")
        fed.session.abort(.internalError, "later")
        #expect(
            fed.receive(Self.frame(type: 6, [UInt8](repeating: 0, count: 8))) == .failed(.aborted(.enhanceYourCalm)))
        let (bytes, outcome) = fed.produce()
        #expect(bytes == Self.goAway(last: 0, .enhanceYourCalm, "too_many_pings"))
        #expect(outcome == .finished)
        #expect(fed.produce().outcome == .failed(.aborted(.enhanceYourCalm)))
    }

    @Test("a session that is aborted before it has said anything begins with SETTINGS all the same")
    func abortAtFirst() {
        let fed = Fed(hasBegun: false)
        let request = Self.frame(type: 1, flags: 4, stream: 1, Self.request)
        #expect(fed.receive(Self.preface + request) == .taken)
        fed.session.abort(.enhanceYourCalm, "too_many_settings")
        let (said, outcome) = fed.produce()
        #expect(said == Self.frame(type: 4) + Self.goAway(last: 1, .enhanceYourCalm, "too_many_settings"))
        #expect(outcome == .finished)
        #expect(fed.session.takeFarewell().isEmpty)
    }

    @Test("E3: too many CONTINUATION frames are answered with a GOAWAY")
    func continuations() {
        let fed = Fed()
        var bytes = Self.preface + Self.frame(type: 1, stream: 1, Self.request)
        for _ in 0..<9 { bytes += Self.frame(type: 9, stream: 1, Self.block([("a", "b")])) }
        #expect(fed.receive(bytes) == .failed(.tooManyContinuations))
        #expect(fed.produce().bytes == Self.goAway(last: 1, .enhanceYourCalm, "too_many_continuations"))
    }

    @Test("E7, E8: header fields are decoded up to sixteen times the limit, then the session ends")
    func headerBomb() {
        var settings = SessionSettings()
        settings.headerListMax = 1000
        let fed = Fed(settings)
        // A field of 101 bytes enters the table; each further byte stands for it.
        let field = [0x40, 1, UInt8(ascii: "b"), 100] + [UInt8](repeating: 97, count: 100)
        let bomb = [UInt8](repeating: 0x80 | 62, count: 15_000)
        #expect(fed.receive(Self.preface) == .taken)
        let block = Self.request + field + bomb
        let outcome = fed.receive(Self.frame(type: 1, flags: 4 | 1, stream: 1, block))
        #expect(outcome == .failed(.aborted(.enhanceYourCalm)))
        #expect((fed.events.streams[0]?.fields.count ?? 0) < 200)
    }

    @Test("E16: a section above the limit, but below sixteen times as much, leaves the session in order")
    func largeHeaders() {
        var settings = SessionSettings()
        settings.headerListMax = 1000
        let fed = Fed(settings)
        let field = [0x40, 1, UInt8(ascii: "b"), 100] + [UInt8](repeating: 97, count: 100)
        let block = Self.request + field + [UInt8](repeating: 0x80 | 62, count: 50)
        #expect(fed.receive(Self.preface + Self.frame(type: 1, flags: 4 | 1, stream: 1, block)) == .taken)
        // The table is as the peer knows it: one byte still stands for the field.
        let next = Self.request + [0x80 | 62]
        #expect(fed.receive(Self.frame(type: 1, flags: 4 | 1, stream: 3, next)) == .taken)
        #expect(fed.events.streams[1]?.fields.last == "b: " + String(repeating: "a", count: 100))
    }

    @Test("E1, E2, E5, E9: resets, broken rules, SETTINGS and empty DATA are told, padded or not")
    func signs() {
        let fed = Fed()
        var bytes = Self.preface + Self.frame(type: 4) + Self.frame(type: 1, flags: 4, stream: 1, Self.request)
        bytes += Self.frame(type: 0, stream: 1) + Self.frame(type: 0, flags: 8, stream: 1, [3, 0, 0, 0])
        bytes += Self.frame(type: 0, stream: 1, [1])
        bytes += Self.frame(type: 8, stream: 1, Self.word(0x7FFF_FFFF))  // A window cannot be as large.
        bytes += Self.frame(type: 1, flags: 4, stream: 3, Self.request)
        bytes += Self.frame(type: 3, stream: 3, Self.word(8))
        #expect(fed.receive(bytes) == .taken)
        _ = fed.produce()
        _ = fed.produce()
        #expect(fed.events.signs == [.settings, .settings, .emptyData, .emptyData, .reset, .fault])
    }

    @Test("PING and its answer, and the word that our SETTINGS were taken, are told")
    func pings() {
        let fed = Fed()
        let zeros = [UInt8](repeating: 0, count: 8)
        #expect(fed.receive(Self.preface + Self.frame(type: 4, flags: 1) + Self.frame(type: 6, zeros)) == .taken)
        #expect(fed.events.pingCount == 1)
        #expect(fed.events.settingsAcknowledgedCount == 1)
        fed.session.ping()
        #expect(fed.produce().bytes.count == 9 + 17 + 17)
        #expect(fed.receive(Self.frame(type: 6, flags: 1, zeros)) == .taken)
        #expect(fed.events.answerCount == 1)
    }
}

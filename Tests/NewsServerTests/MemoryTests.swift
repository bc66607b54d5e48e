import GRPCCall
import HTTP2
import NewsClient
import NewsServer
import ServerLog
import Testing

@Suite("Memory that many connections take together") struct MemoryTests {
    private func settings(_ change: (inout LoopMemoryLimits) -> Void) -> ServerSettings {
        var settings = ServerSettings()
        change(&settings.memory)
        return settings
    }

    @Test("E6: who leaves most replies unread is cut off, the others notice nothing, and the log says it once")
    func replies() async throws {
        let log = LineLog()
        let lines = LineQueue { log.add($0) }
        let setup = try EchoSetup(
            settings: settings { $0.unreadReplyBytesMax = 400 << 10 },
            serverLog: EventLog(level: .info, format: .text, lines: lines))
        let address = setup.server.addresses[0]
        let reply = [UInt8](repeating: 7, count: 8192)
        let (few, many) = try await blocking {
            Result {
                (
                    try SlowReaders(address, count: 2, requests: [[UInt8]](repeating: reply, count: 4)),
                    try SlowReaders(address, count: 5, requests: [[UInt8]](repeating: reply, count: 100))
                )
            }
        }.get()
        await many.wait { $0.isClosed }
        #expect(many.states.allSatisfy { $0.goAway == .enhanceYourCalm })
        #expect(try await setup.call(.say, [1, 2, 3]) == [1, 2, 3])
        few.read()
        await few.wait { $0.finished == 4 }
        #expect(few.states.allSatisfy { $0.wrong == 0 && !$0.isClosed })
        lines.flush()
        let said = log.lines.filter { $0.contains("connection cut off") }
        #expect(said.count == 1 && said[0].contains("too_many_unread_replies"), "\(log.lines)")
        await few.stop()
        await many.stop()
        await setup.end()
    }

    @Test("E13: of requests that do not end those of the connection that holds most are refused")
    func requests() async throws {
        let setup = try EchoSetup(settings: settings { $0.requestBytesMax = 320 << 10 })
        let other = try RPCClient(patient(target: "\(setup.server.addresses[0])"))
        let large = setup.client.open(Echo.ignore.method, message: nil, options: CallOptions())
        let small = other.open(Echo.ignore.method, message: nil, options: CallOptions())
        try await small.send([UInt8](repeating: 1, count: 100_000))
        let error = await failure {
            try await large.send([UInt8](repeating: 1, count: 300_000))
            return try await large.next()
        }
        #expect(error?.code == .resourceExhausted)
        // The connection goes on, and so does the other one's call.
        #expect(try await setup.call(.say, [1]) == [1])
        try await small.send([2])
        small.cancel()
        await setup.log.waitForEnds(2)
        await other.close()
        await setup.end()
    }

    @Test("requests that are worked on count until they are done, also when their connection has gone")
    func handedOn() async throws {
        let setup = try EchoSetup(settings: settings { $0.requestBytesMax = 256 << 10 })
        let other = try RPCClient(patient(target: "\(setup.server.addresses[0])"))
        let gone = other.open(Echo.never.method, message: [UInt8](repeating: 1, count: 140_000), options: CallOptions())
        let reference = try #require(await setup.log.waitForCalls(1).first)
        gone.cancel()
        await other.close()
        let large = [UInt8](repeating: 1, count: 100_000)
        let error = await failure { try await setup.call(.later, large) }
        #expect(error?.code == .resourceExhausted)
        #expect(try await setup.call(.say, [1]) == [1])
        reference.complete(.success([]))
        // One turn later it is known.
        #expect(try await setup.call(.say, [1]) == [1])
        #expect(try await setup.call(.later, large) == large)
        await setup.end()
    }

    @Test("a streamed message may be larger than the window of its stream")
    func largerThanWindow() async throws {
        var settings = ServerSettings()
        settings.session.streamWindow = 64 << 10
        let setup = try EchoSetup(settings: settings)
        let call = setup.client.open(Echo.chat.method, message: nil, options: CallOptions())
        for size in [3 << 20, 10, 65_531, 65_532, 1 << 20] {
            let message = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 11) }
            try await call.send(message)
            #expect(try await call.next() == message)
        }
        call.finish()
        #expect(try await call.next() == nil)
        await setup.end()
    }
}

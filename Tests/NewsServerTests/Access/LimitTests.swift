import Access
import Bytes
import EventLoops
import GRPCCall
import HTTP2
import NewsClient
import NewsServer
import ServerLog
import Testing
import Threads

@Suite("How much a caller may use") struct LimitTests {
    private func limits(_ change: (inout CallerLimits) -> Void) -> CallerLimits {
        var limits = CallerLimits()
        change(&limits)
        return limits
    }

    @Test("calls that come too fast are RESOURCE_EXHAUSTED, until it is time for the next", arguments: [1, 2])
    func rate(loops: Int) async throws {
        let clock = HandClock()
        var configuration = AccessKit.configuration()
        configuration.now = { clock.now }
        configuration.limits = limits {
            $0.callsPerSecond = 10
            $0.callBurst = 3
        }
        let setup = try EchoSetup(loops: loops, access: AccessControl(configuration))
        // A second connection of the same address shares the limit, whichever loop it is on.
        let other = try RPCClient(patient(target: "\(setup.server.addresses[0])"))
        for number in 0..<3 {
            let client = number == 1 ? other : setup.client
            #expect(try await client.unary(Echo.say.method, message: [1], options: AccessKit.options()) == [1])
        }
        let error = await failure { try await setup.call(.say, [1]) }
        #expect(error?.code == .resourceExhausted)
        #expect(error?.message == "tooFast(retryMilliseconds: 101)")
        clock.advance(100_000_000)
        #expect(try await setup.call(.say, [1]) == [1])
        let late = await failure { try await other.unary(Echo.say.method, message: [1], options: AccessKit.options()) }
        #expect(late?.code == .resourceExhausted)
        await other.close()
        await setup.end()
    }

    @Test("a token's own rate stands before the server's, and others do not share it")
    func ownRate() async throws {
        let clock = HandClock()
        var quick = AccessKit.entry("quick", .articlesRead)
        quick.limits.callsPerSecond = 5
        var configuration = AccessKit.configuration([quick, AccessKit.entry("slow", .articlesRead)])
        configuration.now = { clock.now }
        configuration.limits.callsPerSecond = 1
        let setup = try EchoSetup(access: AccessControl(configuration))
        #expect(try await setup.call(.say, [1], as: "slow") == [1])
        #expect(await failure { try await setup.call(.say, [1], as: "slow") }?.code == .resourceExhausted)
        for _ in 0..<5 { #expect(try await setup.call(.say, [1], as: "quick") == [1]) }
        #expect(await failure { try await setup.call(.say, [1], as: "quick") }?.code == .resourceExhausted)
        // Whoever has no token takes from what its address may use.
        #expect(await failure { try await setup.call(.say, [1]) }?.code == .unauthenticated)
        #expect(await failure { try await setup.call(.say, [1]) }?.code == .resourceExhausted)
        await setup.end()
    }

    @Test("calls under way are counted over the caller's connections, and make room when they end")
    func inFlight() async throws {
        var entry = AccessKit.entry("a", .articlesRead)
        entry.limits.callsInFlight = 2
        let control = AccessControl(AccessKit.configuration([entry]))
        let setup = try EchoSetup(loops: 2, access: control)
        let other = try RPCClient(patient(target: "\(setup.server.addresses[0])"))
        async let first = setup.call(.never, [1], as: "a")
        let options = AccessKit.options("Bearer token-of-a")
        async let second = other.unary(Echo.never.method, message: [2], options: options)
        let calls = await setup.log.waitForCalls(2)
        let error = await failure { try await setup.call(.say, [3], as: "a") }
        #expect(error?.message == "tooManyCalls(limit: 2)")
        for call in calls { call.complete(.success([9])) }
        #expect(try await first == [9])
        #expect(try await second == [9])
        for _ in 0..<3 { #expect(try await setup.call(.say, [3], as: "a") == [3]) }
        await other.close()
        await setup.end()
        #expect(control.accountCount == 0)
    }

    @Test("a call that is cancelled gives back what it used")
    func cancelled() async throws {
        var configuration = AccessKit.configuration()
        configuration.limits.callsInFlight = 1
        let control = AccessControl(configuration)
        let setup = try EchoSetup(access: control)
        let stream = setup.client.open(Echo.chat.method, message: nil, options: AccessKit.options())
        try await stream.send([1])
        #expect(try await stream.next() == [1])
        stream.cancel()
        await setup.log.waitForEnds(1)
        #expect(try await setup.call(.say, [1]) == [1])
        await setup.end()
        #expect(control.accountCount == 0)
    }

    @Test("requests that take too much memory are refused, and later ones are not")
    func bytes() async throws {
        var configuration = AccessKit.configuration()
        configuration.limits.bytesInFlight = 100_000
        let setup = try EchoSetup(access: AccessControl(configuration))
        let small = [UInt8](repeating: 1, count: 60_000)
        for _ in 0..<4 {
            #expect(try await setup.call(.say, small) == small)
            let error = await failure { try await setup.call(.say, [UInt8](repeating: 1, count: 200_000)) }
            #expect(error?.message == "tooManyBytes(limit: 100000)")
        }
        // A unary request counts until its call is over.
        async let held = setup.call(.never, small)
        let call = try #require(await setup.log.waitForCalls(1).first)
        #expect(await failure { try await setup.call(.say, small) }?.code == .resourceExhausted)
        call.complete(.success([]))
        _ = try await held
        #expect(try await setup.call(.say, small) == small)
        await setup.end()
    }

    @Test("replies count until they are read", arguments: [(Echo.say, 2), (.chat, 4)])
    func unread(method: Echo, count: Int) async throws {
        var configuration = AccessKit.configuration()
        configuration.limits.bytesInFlight = 230_000
        let control = AccessControl(configuration)
        let setup = try EchoSetup(access: control)
        let address = setup.server.addresses[0]
        let message = [UInt8](repeating: 7, count: 50_000)
        // A unary request counts until its call is over, like its reply; a streamed one until it is taken.
        let readers = try await blocking {
            Result { try SlowReaders(address, count: count, method: method, requests: [message]) }
        }.get()
        await readers.wait { $0.begun == 1 }
        let error = await failure { try await setup.call(.say, message) }
        #expect(error?.message == "tooManyBytes(limit: 230000)")
        readers.read()
        await readers.wait { $0.finished == 1 }
        #expect(readers.states.allSatisfy { $0.wrong == 0 })
        #expect(try await setup.call(.say, message) == message)
        await readers.stop()
        await setup.end()
        #expect(control.accountCount == 0)
    }

    @Test("connections over an address's limit are told so and closed, and the log says it once")
    func connections() async throws {
        let log = LineLog()
        let lines = LineQueue { log.add($0) }
        var configuration = AccessKit.configuration()
        configuration.connectionsPerAddressMax = 1
        let setup = try EchoSetup(
            loops: 2, access: AccessControl(configuration),
            serverLog: EventLog(level: .info, format: .text, lines: lines))
        #expect(try await setup.call(.say, [1]) == [1])
        let reader = try RefusalReader(setup.server.addresses[0])
        let expected = RefusalFrames.bytes(.enhanceYourCalm, "too many connections from this address")
        for _ in 0..<20 { #expect(await reader.connect() == expected) }
        lines.flush()
        let refusals = log.lines.filter { $0.contains("connection refused") }
        #expect(refusals.count == 1 && refusals[0].contains("as many as one address may have"), "\(log.lines)")
        #expect(try await setup.call(.say, [2]) == [2])
        await reader.end()
        await setup.end()
    }
}

/// Connects and reads what comes until the server closes.
private final class RefusalReader: Sendable {
    private let thread: LoopThread
    private let address: SocketAddress

    init(_ address: SocketAddress) throws {
        self.address = address
        thread = try LoopThread(name: "reader")
    }

    /// What came. `nil`: no connection.
    func connect() async -> [UInt8]? {
        let answer = Monitor<[UInt8]??>(nil)
        thread.post { [address] loop in
            loop.connect(to: address, timeout: .seconds(20)) { result in
                switch result {
                case .success(let transport): transport.start(Collector { bytes in answer.signal { $0 = bytes } })
                case .failure: answer.signal { $0 = .some(nil) }
                }
            }
        }
        return await blocking { answer.wait { $0 } }
    }

    func end() async { await blocking { [thread] in thread.stop() } }

    private final class Collector: TransportHandler {
        private var bytes: [UInt8] = []
        private let done: ([UInt8]) -> Void

        init(_ done: @escaping ([UInt8]) -> Void) { self.done = done }

        func received(_ bytes: Span<UInt8>) -> Bool {
            self.bytes.append(copying: bytes)
            return true
        }
        func produce(into output: ByteArena, limit: Int) -> Production { .drained }
        func closed(_ reason: CloseReason) { done(bytes) }
    }
}

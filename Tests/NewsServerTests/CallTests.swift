import EventLoops
import GRPCCall
import GRPCWire
import HTTP2
import NewsClient
import NewsServer
import Testing

@Suite("Calls over real sockets") struct CallTests {
    @Test("a unary call is answered at once or later, whatever its size", arguments: [0, 1, 16_384, 100_000, 4 << 20])
    func unary(size: Int) async throws {
        let setup = try EchoSetup()
        var limits = patient(target: "\(setup.server.addresses[0])")
        limits.responseMessageMax = 8 << 20
        limits.requestMessageMax = 8 << 20
        let client = try RPCClient(limits)
        let message = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        #expect(try await client.unary(Echo.say.method, message: message, options: CallOptions()) == message)
        #expect(try await client.unary(Echo.later.method, message: message, options: CallOptions()) == message)
        await client.close()
        await setup.end()
    }

    @Test("B11: a request above the limit is RESOURCE_EXHAUSTED, and the connection goes on")
    func tooLarge() async throws {
        let setup = try EchoSetup()
        var configuration = patient(target: "\(setup.server.addresses[0])")
        configuration.requestMessageMax = 16 << 20
        let client = try RPCClient(configuration)
        let error = await failure {
            try await client.unary(
                Echo.say.method, message: [UInt8](repeating: 1, count: (4 << 20) + 1), options: CallOptions())
        }
        #expect(error?.code == .resourceExhausted)
        #expect(try await client.unary(Echo.say.method, message: [5], options: CallOptions()) == [5])
        await client.close()
        await setup.end()
    }

    @Test("C1, C4: a failure carries its code and its message, percent-encoded on the way", arguments: 1..<17)
    func fails(code: Int) async throws {
        let setup = try EchoSetup()
        let error = await failure { try await setup.call(.fail, [UInt8(code)]) }
        #expect(error?.code.rawValue == code)
        #expect(error?.message == "as you wish: 好 %")
        #expect(error?.origin == .server)
        await setup.end()
    }

    @Test("A8: a method that is not there is UNIMPLEMENTED")
    func unknownMethod() async throws {
        let setup = try EchoSetup()
        let method = RPCMethod(service: "test.v1.Echo", name: "Absent", kind: .unary)
        let error = await failure { try await setup.client.unary(method, message: [], options: CallOptions()) }
        #expect(error?.code == .unimplemented)
        await setup.end()
    }

    @Test("a call that never answers ends with its deadline, and its late answer harms nobody")
    func deadline() async throws {
        let setup = try EchoSetup()
        let error = await failure { try await setup.call(.never, [1], timeout: .milliseconds(50)) }
        #expect(error?.code == .deadlineExceeded)
        for call in await setup.log.waitForCalls(1) { call.complete(.success([9])) }
        #expect(try await setup.call(.say, [2]) == [2])
        await setup.end()
    }

    @Test("many calls at once over one connection get their own answers")
    func concurrent() async throws {
        let setup = try EchoSetup()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<400 {
                group.addTask {
                    let message = [UInt8(number & 255), UInt8(number >> 8)]
                    return try await setup.call(number % 2 == 0 ? .say : .later, message) == message
                }
            }
            for try await same in group { #expect(same) }
        }
        await setup.end()
    }

    @Test("B1: a streamed call answers message by message, and ends when both sides have")
    func chat() async throws {
        let setup = try EchoSetup()
        let call = setup.client.open(Echo.chat.method, message: nil, options: CallOptions())
        for number in 0..<200 {
            let message = [UInt8](repeating: UInt8(number), count: number * 50)
            try await call.send(message)
            #expect(try await call.next() == message)
        }
        call.finish()
        #expect(try await call.next() == nil)
        await setup.log.waitForEnds(1)
        await setup.end()
    }

    @Test("messages that are sent at one go arrive one by one, whatever their size", arguments: [0, 1, 100, 40_000])
    func several(size: Int) async throws {
        let setup = try EchoSetup()
        let call = setup.client.open(Echo.thrice.method, message: nil, options: CallOptions())
        for number in 0..<3 as Range<UInt8> {
            let message = [UInt8](repeating: number, count: size)
            try await call.send(message)
            for _ in 0..<3 { #expect(try await call.next() == message) }
        }
        call.finish()
        #expect(try await call.next() == nil)
        await setup.end()
    }

    @Test("C7: a cancelled call tells its handler, and frees it")
    func cancel() async throws {
        let setup = try EchoSetup()
        let call = setup.client.open(Echo.chat.method, message: nil, options: CallOptions())
        try await call.send([1])
        #expect(try await call.next() == [1])
        call.cancel()
        await setup.log.waitForEnds(1)
        #expect(try await setup.call(.say, [3]) == [3])
        await setup.end()
    }

    @Test("a handler that asks for nothing holds its peer back, and nobody else")
    func backPressure() async throws {
        var settings = ServerSettings()
        settings.session.streamWindow = 64 << 10
        let setup = try EchoSetup(settings: settings)
        let held = setup.client.open(Echo.ignore.method, message: nil, options: CallOptions())
        let sender = Task {
            var sent = 0
            do {
                while sent < 100 {
                    try await held.send([UInt8](repeating: 1, count: 64 << 10))
                    sent += 1
                }
            } catch {}
            return sent
        }
        for number in 0..<20 { #expect(try await setup.call(.say, [UInt8(number)]) == [UInt8(number)]) }
        held.cancel()
        #expect(await sender.value < 100)
        await setup.log.waitForEnds(1)
        await setup.end()
    }

    @Test("several loops share one port")
    func loops() async throws {
        let setup = try EchoSetup(loops: 3)
        let target = "\(setup.server.addresses[0])"
        for number in 0..<12 {
            let client = try RPCClient(patient(target: target))
            let message = [UInt8(number)]
            #expect(try await client.unary(Echo.say.method, message: message, options: CallOptions()) == message)
            await client.close()
        }
        await setup.end()
    }
}

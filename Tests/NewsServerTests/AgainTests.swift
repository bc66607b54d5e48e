import GRPCCall
import HTTP2
import NewsClient
import NewsServer
import Testing

@Suite("Calls whose methods are asked again") struct AgainTests {
    @Test("are answered when their method says so, in whatever order, and hold up no others", arguments: [1, 100_000])
    func order(size: Int) async throws {
        let setup = try EchoSetup()
        let messages = (0..<UInt8(3)).map { [UInt8](repeating: $0, count: size) }
        try await withThrowingTaskGroup(of: [UInt8].self) { group in
            var references: [CallReference] = []
            for (index, message) in messages.enumerated() {
                group.addTask { try await setup.call(.again, message) }
                references = await setup.log.waitForCalls(index + 1)
            }
            let other = try await setup.call(.say, [9])
            #expect(other == [9])
            for index in [2, 0, 1] {
                references[index].again()
                let answer = try await group.next()
                #expect(answer == messages[index])
            }
        }
        // Who says it a second time says it to nobody.
        for reference in await setup.log.waitForCalls(3) { reference.again() }
        #expect(try await setup.call(.say, [9]) == [9])
        await setup.end()
    }

    @Test("are let go when the peer resets them, and whatever comes later is not for the slot's next call")
    func reset() async throws {
        let setup = try EchoSetup()
        let call = setup.client.open(Echo.again.method, message: [1], options: CallOptions())
        let first = try #require(await setup.log.waitForCalls(1).first)
        call.cancel()
        // The reset and this call come one after the other.
        #expect(try await setup.call(.say, [2]) == [2])
        #expect(setup.log.goneCount == 1)  // Whoever works for it hears.
        async let second = setup.call(.again, [3])
        let references = await setup.log.waitForCalls(2)
        first.again()
        #expect(try await setup.call(.say, [4]) == [4])
        #expect(await setup.log.waitForCalls(2).count == 2)
        references[1].again()
        #expect(try await second == [3])
        await setup.end()
    }

    @Test("end with their deadline")
    func deadline() async throws {
        let setup = try EchoSetup()
        let error = await failure { try await setup.call(.again, [1], timeout: .milliseconds(50)) }
        #expect(error?.code == .deadlineExceeded)
        let reference = try #require(await setup.log.waitForCalls(1).first)
        reference.again()
        #expect(try await setup.call(.say, [2]) == [2])
        await setup.end()
    }

    @Test("end with their connection, and their requests count no more then")
    func connection() async throws {
        var settings = ServerSettings()
        settings.memory.requestBytesMax = 256 << 10
        let setup = try EchoSetup(settings: settings)
        let large = [UInt8](repeating: 1, count: 100_000)
        for number in 0..<8 {
            let other = try RPCClient(patient(target: "\(setup.server.addresses[0])"))
            let call = other.open(Echo.again.method, message: large, options: CallOptions())
            let references = await setup.log.waitForCalls(number + 1)
            call.cancel()
            await other.close()
            references[number].again()
        }
        async let last = setup.call(.again, large)
        let references = await setup.log.waitForCalls(9)
        references[8].again()
        #expect(try await last == large)
        await setup.end()
    }
}

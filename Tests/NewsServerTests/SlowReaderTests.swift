import NewsServer
import Testing

@Suite("Peers that do not read") struct SlowReaderTests {
    /// A hundred requests of eight kilobytes, all different.
    private static let requests = (0..<100).map { number in
        (0..<8192).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number) }
    }

    private static let all = requests.count

    @Test("replies that wait for their readers are what was asked for, and hold up nobody else")
    func held() async throws {
        let setup = try EchoSetup()
        let address = setup.server.addresses[0]
        let readers = try await blocking {
            Result { try SlowReaders(address, count: 6, requests: Self.requests) }
        }.get()
        // Every reply has begun, and lies with its connection: none fits the window of its stream.
        await readers.wait { $0.begun == Self.all }
        #expect(readers.states.allSatisfy { $0.finished == 0 })
        #expect(try await setup.call(.say, [1, 2, 3]) == [1, 2, 3])
        readers.read()
        await readers.wait { $0.finished == Self.all }
        #expect(readers.states.allSatisfy { $0.wrong == 0 })
        await readers.stop()
        await setup.end()
    }

    @Test("who does not read is not answered further than the limit, and gets the rest once it reads")
    func bounded() async throws {
        var settings = ServerSettings()
        settings.unsentReplyBytesMax = 64 << 10
        let setup = try EchoSetup(settings: settings)
        let address = setup.server.addresses[0]
        let readers = try await blocking {
            Result { try SlowReaders(address, count: 1, requests: Self.requests) }
        }.get()
        await readers.wait { $0.begun > 0 }
        // By the time that a later call has been answered, all that may be answered now has been.
        #expect(try await setup.call(.say, [4]) == [4])
        // One batch, of 128 KiB, goes beyond the limit before it is noticed.
        #expect(readers.states[0].begun < Self.all / 2)
        readers.read()
        await readers.wait { $0.finished == Self.all }
        #expect(readers.states[0].wrong == 0)
        await readers.stop()
        await setup.end()
    }
}

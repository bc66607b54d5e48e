import GRPCCall
import NewsClient
import NewsServer
import Testing

@Suite("Metadata over real sockets") struct MetadataTests {
    private let sent = [
        MetadataField("x-text", "plain value"), MetadataField("x-more", "one"), MetadataField("x-more", "two"),
        MetadataField("x-bytes-bin", bytes: Array(0...255)), MetadataField("x-empty-bin", bytes: []),
    ]

    private func setup() throws -> EchoSetup {
        var settings = ServerSettings()
        settings.call.keepsMetadata = true
        return try EchoSetup(settings: settings)
    }

    @Test(
        "A15, A16: a unary method sees its caller's metadata and sends its own, at once or later", arguments: [0, 99])
    func unary(first: UInt8) async throws {
        let setup = try setup()
        let call = setup.client.open(Echo.reflect.method, message: [first], options: CallOptions(metadata: sent))
        #expect(try await call.metadata() == sent)
        #expect(try await call.next() == [first])
        #expect(try await call.next() == nil)
        #expect(call.trailers == sent)
        // The next call of the loop has nothing of it.
        let plain = setup.client.open(Echo.reflect.method, message: [0], options: CallOptions())
        #expect(try await plain.metadata().isEmpty)
        #expect(try await plain.next() == [0])
        await setup.end()
    }

    @Test("C1: a unary call that fails brings its metadata in the one section that it has")
    func failed() async throws {
        let setup = try setup()
        let error = await failure {
            try await setup.client.unary(Echo.reflect.method, message: [9], options: CallOptions(metadata: sent))
        }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.metadata == sent + sent)
        await setup.end()
    }

    @Test("a streamed call's metadata comes before its first message, and the rest with its end")
    func streamed() async throws {
        let setup = try setup()
        let call = setup.client.open(Echo.mirror.method, message: nil, options: CallOptions(metadata: sent))
        // Nothing has been sent yet: the fields do not wait for a message.
        #expect(try await call.metadata() == sent)
        #expect(call.trailers.isEmpty)
        try await call.send([7])
        #expect(try await call.next() == [7])
        call.finish()
        #expect(try await call.next() == nil)
        #expect(call.trailers == sent)
        await setup.end()
    }

    @Test("a server whose handlers want no metadata gathers none")
    func unwanted() async throws {
        let setup = try EchoSetup()
        let call = setup.client.open(Echo.reflect.method, message: [0], options: CallOptions(metadata: sent))
        #expect(try await call.metadata().isEmpty)
        #expect(try await call.next() == [0])
        await setup.end()
    }
}

import NewsClient
import Synchronization
import TestKit
import Testing

/// NewsClient against a server that shares no line with this package: grpcio. What it serves is in
/// Tests/Conformance/serving.py.
@Suite("NewsClient and grpcio", .serialized, .timeLimit(.minutes(5 * Patience.factor))) struct ForeignServerTests {
    private func method(
        _ name: String, _ kind: RPCMethod.Kind = .unary, _ idempotency: RPCMethod.Idempotency = .unknown
    ) -> RPCMethod {
        RPCMethod(service: "test.Foreign", name: name, kind: kind, idempotency: idempotency)
    }

    private func withServer(
        _ options: [String] = [], change: (inout RPCClient.Configuration) -> Void = { _ in },
        _ body: (RPCClient) async throws -> Void
    ) async throws {
        let server = try await ForeignServer.start(options)
        var configuration = RPCClient.Configuration(target: server.address)
        change(&configuration)
        let client = try RPCClient(configuration)
        try await body(client)
        await client.close()
        withExtendedLifetime(server) {}
    }

    private func call(
        _ client: RPCClient, _ name: String, _ text: String = "", _ options: CallOptions = CallOptions()
    ) async throws(RPCError) -> String {
        let answer = try await client.unary(method(name), message: Array(text.utf8), options: options)
        return String(decoding: answer, as: UTF8.self)
    }

    @Test("all four kinds of call cross, one message or a thousand")
    func kinds() async throws {
        // Thousands of steps, each of which waits for its turn among all other tests.
        let patient = CallOptions(timeout: .seconds(600))
        try await withServer { client in
            #expect(try await call(client, "echo", "hello", patient) == "hello")
            let split = client.open(
                method("split", .serverStreaming), message: Array("1000".utf8), options: patient)
            var count = 0
            while let message = try await split.next() {
                #expect(String(decoding: message, as: UTF8.self) == "\(count)")
                count += 1
            }
            #expect(count == 1000)
            let join = client.open(method("join", .clientStreaming), message: nil, options: patient)
            for number in 0..<1000 { try await join.send(Array("\(number),".utf8)) }
            join.finish()
            let joined = try await join.next()
            #expect(joined == Array((0..<1000).map { "\($0)," }.joined().utf8))
            #expect(try await join.next() == nil)
            let mirror = client.open(method("mirror", .bidirectional), message: nil, options: patient)
            for number in 0..<100 {
                let text = [UInt8](repeating: UInt8(number), count: number * 1000)
                try await mirror.send(text)
                #expect(try await mirror.next() == text)
            }
            mirror.finish()
            #expect(try await mirror.next() == nil)
        }
    }

    @Test("A16: metadata crosses both ways, text and bytes, and with a failure")
    func metadata() async throws {
        try await withServer { client in
            let sent = [MetadataField("x-text", "plain"), MetadataField("x-raw-bin", bytes: Array(0...255))]
            let response = ResponseMetadata()
            _ = try await call(client, "echo", "", CallOptions(metadata: sent, responseMetadata: response))
            #expect(response.initial == sent)
            #expect(response.trailers.text("x-end-x-text") == "plain")
            #expect(response.trailers.bytes("x-end-x-raw-bin") == Array(0...255))
            do throws(RPCError) {
                _ = try await call(client, "fail")
                Issue.record("nothing was thrown")
            } catch {
                #expect(error.code == .failedPrecondition)
                #expect(error.message == "\t\nwhite, BMP ☺ and beyond 😈\t\n")
                #expect(error.metadata.bytes("x-why-bin") == Array(0...255))
            }
        }
    }

    @Test("D8: a compressed answer is read")
    func compressed() async throws {
        try await withServer { client in
            let answer = try await call(client, "squeeze", "news", CallOptions(compression: .gzip))
            #expect(answer.utf8.count == 40_000)
        }
    }

    @Test("D12: the server knows the deadline, and both sides keep it")
    func deadline() async throws {
        try await withServer { client in
            let remaining = try await call(client, "remaining", "", CallOptions(timeout: .seconds(100)))
            #expect((90...100.1).contains(Double(remaining) ?? 0))
            let unlimited = try await call(client, "remaining", "", CallOptions(timeout: CallOptions.noTimeout))
            #expect(Double(unlimited) ?? 0 > 1e9)
            do throws(RPCError) {
                _ = try await call(client, "wait", "", CallOptions(timeout: .milliseconds(50)))
                Issue.record("nothing was thrown")
            } catch {
                #expect(error.code == .deadlineExceeded)
            }
            #expect(try await call(client, "await_events", "cancelled 1") == "cancelled 1")
        }
    }

    @Test("D13: the server hears of every call that is cancelled")
    func cancelled() async throws {
        try await withServer { client in
            let tasks = (0..<10).map { _ in Task { try await call(client, "wait") } }
            _ = try await call(client, "await_events", "began 10")
            for task in tasks { task.cancel() }
            for task in tasks {
                let error = await #expect(throws: RPCError.self) { try await task.value }
                #expect(error?.code == .cancelled)
            }
            _ = try await call(client, "await_events", "cancelled 10")
        }
    }

    @Test("D14: a server that runs two calls at once gets a hundred")
    func maxConcurrentStreams() async throws {
        try await withServer(["grpc.max_concurrent_streams=2"]) { client in
            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<100 { group.addTask { try await call(client, "echo", "\(number)") } }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(answers.count == 100)
        }
    }

    @Test("D22: a read is tried again, and the server sees how often it was before")
    func retries() async throws {
        try await withServer { client in
            let flaky = method("flaky", .unary, .idempotent)
            let answer = try await client.unary(flaky, message: Array("a 2".utf8), options: CallOptions())
            #expect(String(decoding: answer, as: UTF8.self) == "3 tries, 2 before")
            do throws(RPCError) {
                _ = try await client.unary(flaky, message: Array("b 100".utf8), options: CallOptions())
                Issue.record("nothing was thrown")
            } catch {
                #expect(error.code == .unavailable)
                #expect(error.message == "try 4 of b")
            }
        }
    }

    @Test("D10: nobody notices that the server closes every connection after a fifth of a second")
    func maxAge() async throws {
        let connections = Atomic(0)
        let lifetime = ["grpc.max_connection_age_ms=200", "grpc.max_connection_age_grace_ms=10000"]
        let count: @Sendable (String) -> Void = { line in
            if line.hasPrefix("connected to") { connections.add(1, ordering: .relaxed) }
        }
        try await withServer(lifetime, change: { $0.log = count }) { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<100 {
                            let answer = try await call(client, "slow", "0.01")
                            #expect(answer == "0.01")
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        #expect(connections.load(ordering: .relaxed) > 2)
    }

    @Test("D11: a server that is gone is UNAVAILABLE at once, and one that is back is found")
    func restart() async throws {
        let server = try await ForeignServer.start()
        var configuration = RPCClient.Configuration(target: server.address)
        configuration.backOff.initial = .milliseconds(20)
        let client = try RPCClient(configuration)
        let running = Task { try await call(client, "wait") }
        _ = try await call(client, "await_events", "began 1")
        await server.end()
        let lost = await #expect(throws: RPCError.self) { try await running.value }
        #expect(lost?.code == .unavailable)
        let refused = await #expect(throws: RPCError.self) { try await call(client, "echo") }
        #expect(refused?.origin == .notConnected)
        #expect(refused?.message.hasSuffix("Connection refused") == true, "\(refused?.message ?? "")")
        let waiting = Task { try await call(client, "echo", "again", CallOptions(waitForReady: true)) }
        let next = try await ForeignServer.start(port: server.port)
        #expect(try await waiting.value == "again")
        withExtendedLifetime(next) {}
        await client.close()
    }
}

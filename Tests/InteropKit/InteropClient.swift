import GRPCWire
import NewsClient

/// Runs test cases against a server.
package struct InteropClient: Sendable {
    private let target: String
    /// Whether the server can tell that a message came compressed. Some libraries do not let their services know.
    private let probesCompression: Bool

    package init(target: String, probesCompression: Bool) {
        self.target = target
        self.probesCompression = probesCompression
    }

    /// Calls that a soak makes, and the longest that one of them may take.
    private static let soakCount = 200
    private static let soakLimit = Duration.seconds(5)

    package func run(_ name: InteropCase) async throws {
        switch name {
        case .rpcSoak: try await withCalls { calls in try await soak { try await calls.largeUnary() } }
        case .channelSoak: try await soak { try await withCalls { calls in try await calls.largeUnary() } }
        default: try await withCalls { calls in try await run(name, calls) }
        }
    }

    private func run(_ name: InteropCase, _ calls: InteropCalls) async throws {
        switch name {
        case .emptyUnary: try await calls.emptyUnary()
        case .largeUnary: try await calls.largeUnary()
        case .clientCompressedUnary: try await calls.clientCompressedUnary(probes: probesCompression)
        case .serverCompressedUnary: try await calls.serverCompressedUnary()
        case .clientStreaming: try await calls.clientStreaming()
        case .clientCompressedStreaming: try await calls.clientCompressedStreaming(probes: probesCompression)
        case .serverStreaming: try await calls.serverStreaming()
        case .serverCompressedStreaming: try await calls.serverCompressedStreaming()
        case .pingPong: try await calls.pingPong()
        case .emptyStream: try await calls.emptyStream()
        case .customMetadata: try await calls.customMetadata()
        case .statusCodeAndMessage: try await calls.statusCodeAndMessage()
        case .specialStatusMessage: try await calls.specialStatusMessage()
        case .unimplementedMethod: try await calls.unimplementedMethod()
        case .unimplementedService: try await calls.unimplementedService()
        case .cancelAfterBegin: try await calls.cancelAfterBegin()
        case .cancelAfterFirstResponse: try await calls.cancelAfterFirstResponse()
        case .timeoutOnSleepingServer: try await calls.timeoutOnSleepingServer()
        case .halfDuplex: try await calls.halfDuplex()
        case .rpcSoak, .channelSoak: break
        }
    }

    private func withCalls(_ body: (InteropCalls) async throws -> Void) async throws {
        let client = try RPCClient(RPCClient.Configuration(target: target))
        do {
            try await body(InteropCalls(client))
        } catch {
            await client.close()
            throw error
        }
        await client.close()
    }

    private func soak(_ body: () async throws -> Void) async throws {
        let clock = ContinuousClock()
        for number in 0..<Self.soakCount {
            let begin = clock.now
            try await body()
            let taken = clock.now - begin
            try expect(taken < Self.soakLimit, "call \(number) took \(taken)")
        }
    }
}

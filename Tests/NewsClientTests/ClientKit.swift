import NewsClient
import Testing

let unaryMethod = RPCMethod(service: "test.Service", name: "Unary", kind: .unary)
/// One whose contract says that it may be called twice.
let readMethod = RPCMethod(service: "test.Service", name: "Read", kind: .unary, idempotency: .noSideEffects)
let streamMethod = RPCMethod(service: "test.Service", name: "Stream", kind: .bidirectional)

/// A client of `target` with a deadline that no healthy test reaches.
func makeClient(
    _ target: String, _ change: (inout RPCClient.Configuration) -> Void = { _ in }
) throws -> RPCClient {
    var configuration = RPCClient.Configuration(target: target)
    // The threads that tests share are few, and a test may wait long for its turn.
    configuration.defaultTimeout = .seconds(600)
    change(&configuration)
    return try RPCClient(configuration)
}

/// Runs `body` with a peer that follows `script` and a client of it, and ends both.
func withPeer(
    _ script: @escaping Peer.Script, change: (inout RPCClient.Configuration) -> Void = { _ in },
    _ body: (Peer, RPCClient) async throws -> Void
) async throws {
    let peer = try Peer(script)
    defer { peer.stop() }
    let client = try makeClient(peer.target, change)
    try await body(peer, client)
    await client.close()
}

/// The error that `body` throws; nothing thrown is a failure of the test.
func error(_ body: () async throws -> Void) async -> RPCError? {
    do {
        try await body()
        Issue.record("nothing was thrown")
    } catch let error as RPCError {
        return error
    } catch {
        Issue.record("\(error) is no RPCError")
    }
    return nil
}

extension RPCClient {
    func unary(_ text: String, timeout: Duration? = nil) async throws -> String {
        try await unary(text, CallOptions(timeout: timeout))
    }

    func unary(_ text: String, _ options: CallOptions, to method: RPCMethod = unaryMethod) async throws -> String {
        String(decoding: try await unary(method, message: Array(text.utf8), options: options), as: UTF8.self)
    }

    func read(_ text: String, _ options: CallOptions = CallOptions()) async throws -> String {
        try await unary(text, options, to: readMethod)
    }

    func openStream(timeout: Duration? = nil, isIdempotent: Bool? = nil) -> any MessageStream {
        open(streamMethod, message: nil, options: CallOptions(timeout: timeout, isIdempotent: isIdempotent))
    }
}

extension MessageStream {
    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func nextText() async throws -> String? { try await next().map { String(decoding: $0, as: UTF8.self) } }
}

/// Answers every request with its own message, once it is complete.
let echo: Peer.Script = { connection, slot, moment in
    guard moment == .ended, let body = connection.streams[slot]?.body else { return }
    connection.reply(slot, Array(body.dropFirst(5)))
}

import NewsClient
import NewsMessages
import Synchronization

/// A channel whose answers a test gives; remembers what was asked.
final class FakeServer: CallChannel {
    typealias Answer = @Sendable ([UInt8]) async throws(RPCError) -> [UInt8]

    private let closes = Atomic<Int>(0)
    private let answers = Mutex<[String: Answer]>([:])
    private let streams = Mutex<[String: @Sendable ([UInt8]) -> [Result<[UInt8], RPCError>]]>([:])
    private let asked = Mutex<[(method: String, message: [UInt8], options: CallOptions)]>([])

    /// Answers calls of the method called `name`; of a stream, each message.
    func on<Request: ProtoMessage, Response: ProtoMessage>(
        _ name: String, _ body: @escaping @Sendable (Request) throws(RPCError) -> Response
    ) {
        let answer: Answer = { message throws(RPCError) in
            let request: Request
            do { request = try Request(decoding: message) } catch {
                throw RPCError(.internalError, "\(error)", origin: .server)
            }
            return try body(request).encoded()
        }
        answers.withLock { $0[name] = answer }
    }

    /// Answers calls of the method by running `body`, which may wait.
    func onRaw(_ name: String, _ body: @escaping Answer) { answers.withLock { $0[name] = body } }

    /// Answers calls of the method, which send one message and get many: with these, and then their end or a failure.
    func onStream<Request: ProtoMessage, Response: ProtoMessage>(
        _ name: String, _ body: @escaping @Sendable (Request) -> ([Response], RPCError?)
    ) {
        streams.withLock {
            $0[name] = { message in
                guard let request = try? Request(decoding: message) else { return [] }
                let (responses, error) = body(request)
                return responses.map { .success($0.encoded()) } + (error.map { [.failure($0)] } ?? [])
            }
        }
    }

    /// The messages sent to a method, in order.
    func requests<Request: ProtoMessage>(_ name: String, _: Request.Type) throws -> [Request] {
        try asked.withLock { $0 }.filter { $0.method == name }.map { try Request(decoding: $0.message) }
    }

    /// How often the connection was left.
    var closeCount: Int { closes.load(ordering: .relaxed) }
    func close() { closes.add(1, ordering: .relaxed) }

    var options: [CallOptions] { asked.withLock { $0 }.map(\.options) }
    var timeouts: [Duration?] { options.map(\.timeout) }
    var metadata: [[MetadataField]] { options.map(\.metadata) }

    func unary(
        _ method: RPCMethod, message: [UInt8], options: CallOptions
    ) async throws(RPCError) -> [UInt8] {
        asked.withLock { $0.append((method.name, message, options)) }
        guard let answer = answers.withLock({ $0[method.name] }) else {
            throw RPCError(.unimplemented, "no method \(method)", origin: .server)
        }
        return try await answer(message)
    }

    func open(_ method: RPCMethod, message: [UInt8]?, options: CallOptions) -> any MessageStream {
        if let message, let stream = streams.withLock({ $0[method.name] }) {
            asked.withLock { $0.append((method.name, message, options)) }
            return FakeStream(stream(message))
        }
        return FakeStream { message throws(RPCError) in
            try await self.unary(method, message: message, options: options)
        }
    }
}

/// Answers every message of a stream in turn.
final class FakeStream: MessageStream {
    private struct State {
        var answers: ArraySlice<Result<[UInt8], RPCError>> = []
        var hasEnded = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let answer: FakeServer.Answer

    init(_ answer: @escaping FakeServer.Answer) { self.answer = answer }

    /// Gives these, and ends.
    init(_ answers: [Result<[UInt8], RPCError>]) {
        answer = { _ throws(RPCError) in [] }
        state.withLock { $0 = State(answers: answers[...], hasEnded: true) }
    }

    func send(_ message: [UInt8]) async throws(RPCError) {
        let result: Result<[UInt8], RPCError>
        do { result = .success(try await answer(message)) } catch { result = .failure(error) }
        change { $0.answers.append(result) }
    }

    func finish() { change { $0.hasEnded = true } }
    func cancel() { change { $0.hasEnded = true } }

    func next() async throws(RPCError) -> [UInt8]? {
        while true {
            let (answer, hasEnded) = state.withLock { ($0.answers.popFirst(), $0.hasEnded) }
            if let answer { return try answer.get() }
            if hasEnded { return nil }
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if !state.answers.isEmpty || state.hasEnded { return true }
                    state.waiter = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let waiter = state.withLock { state in
            body(&state)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}

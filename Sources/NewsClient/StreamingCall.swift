public import NewsMessages

/// The answers of a call that sent one message.
///
/// From any task, one at a time. A task that is cancelled while it waits cancels the call, and so does letting go of a
/// call that is not over.
public final class ResponseStream<Response: ProtoMessage>: Sendable {
    private let stream: any MessageStream

    public init(_ stream: any MessageStream) { self.stream = stream }

    deinit { stream.cancel() }

    /// The next answer, or `nil` when the call has ended well.
    public func next() async throws(RPCError) -> Response? {
        guard let bytes = try await stream.next() else { return nil }
        do throws(RPCError) { return try Response(answer: bytes) } catch {
            stream.cancel()
            throw error
        }
    }

    /// Fields that the server sent before its first answer. Waits for them.
    public func metadata() async throws(RPCError) -> [MetadataField] { try await stream.metadata() }

    /// Fields that came with the end of the call; empty before it.
    public var trailers: [MetadataField] { stream.trailers }

    /// Ends the call at once, on the server too. What waits for it throws CANCELLED.
    public func cancel() { stream.cancel() }
}

/// A call whose client sends any number of messages.
///
/// From any task; one task at a time sends and one at a time receives, and both may go on at once. A task that is
/// cancelled while it waits cancels the call, and so does letting go of a call that is not over.
///
///     let call = client.importArticles()
///     try await call.send(request)
///     call.finish()
///     while let answer = try await call.next() { ... }
public final class StreamingCall<Request: ProtoMessage, Response: ProtoMessage>: Sendable {
    private let stream: any MessageStream
    private let responses: ResponseStream<Response>

    public init(_ stream: any MessageStream) {
        self.stream = stream
        responses = ResponseStream(stream)
    }

    /// Sends a message. Returns once flow control has room for more; when the call has ended well meanwhile the message
    /// is dropped.
    public func send(_ request: Request) async throws(RPCError) { try await stream.send(request.encoded()) }

    /// Sends messages that are encoded already, in their order. Takes less than one call for each.
    public func send(encoded messages: [[UInt8]]) async throws(RPCError) { try await stream.send(all: messages) }

    /// No more messages come from here. Answers still may.
    public func finish() { stream.finish() }

    /// The next answer, or `nil` when the call has ended well.
    public func next() async throws(RPCError) -> Response? { try await responses.next() }

    /// Fields that the server sent before its first answer. Waits for them.
    public func metadata() async throws(RPCError) -> [MetadataField] { try await stream.metadata() }

    /// Fields that came with the end of the call; empty before it.
    public var trailers: [MetadataField] { stream.trailers }

    /// Ends the call at once, on the server too. What waits for it throws CANCELLED.
    public func cancel() { stream.cancel() }
}

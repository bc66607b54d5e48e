public import NewsMessages

extension CallChannel {
    /// Sends one message and waits for the one answer.
    public func unary<Request: ProtoMessage, Response: ProtoMessage>(
        _ method: RPCMethod, _ request: Request, options: CallOptions = CallOptions()
    ) async throws(RPCError) -> Response {
        try Response(answer: try await unary(method, message: request.encoded(), options: options))
    }

    /// Sends one message; any number of answers come.
    public func serverStreaming<Request: ProtoMessage, Response: ProtoMessage>(
        _ method: RPCMethod, _ request: Request, options: CallOptions = CallOptions()
    ) -> ResponseStream<Response> {
        ResponseStream(open(method, message: request.encoded(), options: options))
    }

    /// Begins a call in which the client sends any number of messages, and any number of answers come.
    public func streaming<Request: ProtoMessage, Response: ProtoMessage>(
        _ method: RPCMethod, options: CallOptions = CallOptions()
    ) -> StreamingCall<Request, Response> {
        StreamingCall(open(method, message: nil, options: options))
    }
}

extension ProtoMessage {
    /// Reads an answer; one that cannot be read is the server's fault.
    init(answer bytes: [UInt8]) throws(RPCError) {
        do throws(MessageError) { self = try Self(decoding: bytes.span) } catch {
            throw RPCError(.internalError, "the answer \(error)", origin: .local)
        }
    }
}

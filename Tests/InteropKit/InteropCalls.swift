import NewsClient

/// The calls that the cases are made of.
struct InteropCalls: Sendable {
    let client: RPCClient

    init(_ client: RPCClient) { self.client = client }

    /// The sizes of the published descriptions, in bytes.
    static let largeRequest: Int32 = 271_828
    static let largeResponse: Int32 = 314_159
    static let requestSizes: [Int32] = [27_182, 8, 1_828, 45_904]
    static let responseSizes: [Int32] = [31_415, 9, 2_653, 58_979]

    func simpleRequest() -> SimpleRequest {
        var request = SimpleRequest()
        request.responseSize = Self.largeResponse
        request.payload = Payload(size: Self.largeRequest)
        return request
    }

    func duplexRequest(_ responseSize: Int32?, _ payload: Int32) -> StreamingOutputCallRequest {
        var request = StreamingOutputCallRequest()
        if let responseSize {
            var parameters = ResponseParameters()
            parameters.size = responseSize
            request.responseParameters = [parameters]
        }
        request.payload = Payload(size: payload)
        return request
    }

    func expectPayload(_ payload: Payload?, _ size: Int32) throws {
        let body = payload?.body ?? []
        try expect(body.count == Int(size), "a payload of \(body.count) bytes came, not of \(size)")
        try expect(body.allSatisfy { $0 == 0 }, "a payload of \(size) bytes has others than zero")
    }

    /// The error that `body` ends with.
    func failure(_ body: () async throws -> Void) async throws -> RPCError {
        do {
            try await body()
        } catch let error as RPCError {
            return error
        }
        throw InteropFailure(description: "the call succeeded")
    }

    func expectFailure(_ code: RPCError.Code, _ body: () async throws -> Void) async throws {
        let error = try await failure(body)
        try expect(error.code == code, "the call ended with \(error), not with \(code)")
    }

    /// Begins a call whose messages can be looked at and sent one by one.
    func open(
        _ method: RPCMethod, message: [UInt8]? = nil, _ compression: MessageCompressionMethod? = nil
    ) throws -> ClientStream {
        let options = CallOptions(compression: compression)
        guard let stream = client.open(method, message: message, options: options) as? ClientStream else {
            throw InteropFailure(description: "the client's streams are of another kind")
        }
        return stream
    }
}

extension BoolValue {
    init(_ value: Bool) {
        self.init()
        self.value = value
    }
}

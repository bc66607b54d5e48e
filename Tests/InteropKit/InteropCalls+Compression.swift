import NewsClient
import NewsMessages

// The cases about compression.
extension InteropCalls {
    /// A server that does not notice that a message is not compressed would not notice that one is, either.
    func clientCompressedUnary(probes: Bool) async throws {
        if probes {
            try await expectFailure(.invalidArgument) { try await unary(compressed: false, announced: true) }
        }
        try await unary(compressed: true, announced: true)
        try await unary(compressed: false, announced: false)
    }

    private func unary(compressed: Bool, announced: Bool) async throws {
        var request = simpleRequest()
        request.expectCompressed = BoolValue(announced)
        let options = CallOptions(compression: compressed ? .gzip : nil)
        let response = try await client.testServiceUnaryCall(request, options: options)
        try expectPayload(response.payload, Self.largeResponse)
    }

    func serverCompressedUnary() async throws {
        for isCompressed in [true, false] {
            var request = simpleRequest()
            request.responseCompressed = BoolValue(isCompressed)
            let call = try open(TestServiceMethods.unaryCall, message: request.encoded())
            let message = try await call.next() ?? []
            try expect(call.lastWasCompressed == isCompressed, "compressed: \(!isCompressed)")
            try expectPayload(try SimpleResponse(decoding: message).payload, Self.largeResponse)
            try expect(try await call.next() == nil, "a second answer came")
        }
    }

    func clientCompressedStreaming(probes: Bool) async throws {
        if probes {
            try await expectFailure(.invalidArgument) {
                let call = try open(TestServiceMethods.streamingInputCall)
                try await call.send(inputRequest(27_182, announced: true))
                call.finish()
                _ = try await call.next()
            }
        }
        let call = try open(TestServiceMethods.streamingInputCall, .gzip)
        try await call.send(inputRequest(27_182, announced: true), isCompressed: true)
        try await call.send(inputRequest(45_904, announced: false), isCompressed: false)
        call.finish()
        let sum = try StreamingInputCallResponse(decoding: try await call.next() ?? []).aggregatedPayloadSize
        try expect(sum == 73_086, "the sum is \(sum)")
        try expect(try await call.next() == nil, "a second answer came")
    }

    private func inputRequest(_ size: Int32, announced: Bool) -> [UInt8] {
        var request = StreamingInputCallRequest()
        request.expectCompressed = BoolValue(announced)
        request.payload = Payload(size: size)
        return request.encoded()
    }

    func serverCompressedStreaming() async throws {
        let wanted: [(size: Int32, isCompressed: Bool)] = [(31_415, true), (92_653, false)]
        var request = StreamingOutputCallRequest()
        request.responseParameters = wanted.map { size, isCompressed in
            var parameters = ResponseParameters()
            parameters.size = size
            parameters.compressed = BoolValue(isCompressed)
            return parameters
        }
        let call = try open(TestServiceMethods.streamingOutputCall, message: request.encoded())
        for (size, isCompressed) in wanted {
            let message = try await call.next() ?? []
            try expect(call.lastWasCompressed == isCompressed, "\(size) bytes compressed: \(!isCompressed)")
            try expectPayload(try StreamingOutputCallResponse(decoding: message).payload, size)
        }
        try expect(try await call.next() == nil, "more answers came than were asked for")
    }
}

import NewsClient

// The cases without compression, in the order of the published descriptions.
extension InteropCalls {
    func emptyUnary() async throws {
        let response = try await client.testServiceEmptyCall(Empty())
        try expect(response.encoded().isEmpty, "the answer is not empty")
    }

    func largeUnary() async throws {
        let response = try await client.testServiceUnaryCall(simpleRequest())
        try expectPayload(response.payload, Self.largeResponse)
    }

    func clientStreaming() async throws {
        let call = client.testServiceStreamingInputCall()
        for size in Self.requestSizes {
            var request = StreamingInputCallRequest()
            request.payload = Payload(size: size)
            try await call.send(request)
        }
        call.finish()
        let sum = try await call.next()?.aggregatedPayloadSize
        try expect(sum == Self.requestSizes.reduce(0, +), "the sum is \(sum ?? -1)")
        try expect(try await call.next() == nil, "a second answer came")
    }

    func serverStreaming() async throws {
        var request = StreamingOutputCallRequest()
        request.responseParameters = Self.responseSizes.map { size in
            var parameters = ResponseParameters()
            parameters.size = size
            return parameters
        }
        let responses = client.testServiceStreamingOutputCall(request)
        for size in Self.responseSizes { try expectPayload(try await responses.next()?.payload, size) }
        try expect(try await responses.next() == nil, "more answers came than were asked for")
    }

    func pingPong() async throws {
        let call = client.testServiceFullDuplexCall()
        for (request, response) in zip(Self.requestSizes, Self.responseSizes) {
            try await call.send(duplexRequest(response, request))
            try expectPayload(try await call.next()?.payload, response)
        }
        call.finish()
        try expect(try await call.next() == nil, "an answer came that nobody asked for")
    }

    func halfDuplex() async throws {
        let call = client.testServiceHalfDuplexCall()
        for (request, response) in zip(Self.requestSizes, Self.responseSizes) {
            try await call.send(duplexRequest(response, request))
        }
        call.finish()
        for response in Self.responseSizes { try expectPayload(try await call.next()?.payload, response) }
        try expect(try await call.next() == nil, "an answer came that nobody asked for")
    }

    func emptyStream() async throws {
        let call = client.testServiceFullDuplexCall()
        call.finish()
        try expect(try await call.next() == nil, "an answer came that nobody asked for")
    }

    func customMetadata() async throws {
        let head = MetadataField("x-grpc-test-echo-initial", "test_initial_metadata_value")
        let trailer = MetadataField("x-grpc-test-echo-trailing-bin", bytes: [0xAB, 0xAB, 0xAB])
        let options = CallOptions(metadata: [head, trailer])
        for method in [TestServiceMethods.unaryCall, TestServiceMethods.fullDuplexCall] {
            let isUnary = method.kind == .unary
            let message = isUnary ? simpleRequest().encoded() : nil
            let call = client.open(method, message: message, options: options)
            if !isUnary {
                try await call.send(duplexRequest(Self.largeResponse, Self.largeRequest).encoded())
                call.finish()
            }
            try expect(try await call.metadata().contains(head), "\(method): no \(head.name)")
            try expect(try await call.next() != nil, "\(method): no answer")
            try expect(try await call.next() == nil, "\(method): a second answer came")
            try expect(call.trailers.contains(trailer), "\(method): no \(trailer.name)")
        }
    }

    func statusCodeAndMessage() async throws {
        var status = EchoStatus()
        status.code = 2
        status.message = "test status message"
        try await expectStatus(status, alsoStreamed: true)
    }

    func specialStatusMessage() async throws {
        var status = EchoStatus()
        status.code = 2
        status.message = "\t\ntest with whitespace\r\nand Unicode BMP \u{263A} and non-BMP \u{1F608}\t\n"
        try await expectStatus(status, alsoStreamed: false)
    }

    private func expectStatus(_ status: EchoStatus, alsoStreamed: Bool) async throws {
        var request = SimpleRequest()
        request.responseStatus = status
        var errors = [try await failure { _ = try await client.testServiceUnaryCall(request) }]
        if alsoStreamed {
            errors.append(
                try await failure {
                    let call = client.testServiceFullDuplexCall()
                    var request = StreamingOutputCallRequest()
                    request.responseStatus = status
                    try await call.send(request)
                    call.finish()
                    while try await call.next() != nil {}
                })
        }
        for error in errors {
            try expect(error.code.rawValue == Int(status.code), "the code is \(error.code)")
            try expect(error.message == status.message, "the message is \(error.message.debugDescription)")
        }
    }

    func unimplementedMethod() async throws {
        try await expectFailure(.unimplemented) { _ = try await client.testServiceUnimplementedCall(Empty()) }
    }

    func unimplementedService() async throws {
        try await expectFailure(.unimplemented) { _ = try await client.unimplementedServiceUnimplementedCall(Empty()) }
    }

    func cancelAfterBegin() async throws {
        let call = client.testServiceStreamingInputCall()
        call.cancel()
        try await expectFailure(.cancelled) { _ = try await call.next() }
    }

    func cancelAfterFirstResponse() async throws {
        let call = client.testServiceFullDuplexCall()
        try await call.send(duplexRequest(Self.responseSizes[0], Self.requestSizes[0]))
        try expectPayload(try await call.next()?.payload, Self.responseSizes[0])
        call.cancel()
        try await expectFailure(.cancelled) { _ = try await call.next() }
    }

    func timeoutOnSleepingServer() async throws {
        let options = CallOptions(timeout: .milliseconds(1))
        try await expectFailure(.deadlineExceeded) {
            let call = client.testServiceFullDuplexCall(options: options)
            try await call.send(duplexRequest(nil, Self.requestSizes[0]))
            _ = try await call.next()
        }
    }
}

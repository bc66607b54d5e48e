package import GRPCCall
package import GRPCWire
package import NewsMessages

/// grpc.testing.TestService and UnimplementedService on one loop, as the published description of the interop tests
/// wants them.
package final class InteropDispatcher: ServiceDispatch {
    package let testService = TestServiceHandler()
    package let unimplementedService = AbsentServiceHandler()

    package init() {}

    package func turnEnded() {}
}

@available(*, unavailable) extension InteropDispatcher: Sendable {}

/// A service without methods.
package final class AbsentServiceHandler: UnimplementedServiceHandlers {
    package func unimplementedCall(_ request: Empty, _ call: CallContext) -> UnaryOutcome { .failed(.absentMethod) }

    package func refusal(of error: MessageError) -> Status { Status(.internalError, "\(error)") }
}

package final class TestServiceHandler: TestServiceHandlers {
    package func emptyCall(_ request: Empty, _ call: CallContext) -> UnaryOutcome {
        Empty().encode(into: call.reply)
        return .replied
    }

    package func unaryCall(_ request: SimpleRequest, _ call: CallContext) -> UnaryOutcome {
        let (head, trailers) = call.metadata.echoed
        if !head.isEmpty { call.addHead(head) }
        if !trailers.isEmpty { call.addTrailers(trailers) }
        if let status = fault(expecting: request.expectCompressed, wasCompressed: call.isRequestCompressed) {
            return .failed(status)
        }
        if let status = request.responseStatus?.status { return .failed(status) }
        if let wanted = request.responseCompressed { call.compressReply(wanted.value) }
        var response = SimpleResponse()
        response.payload = Payload(size: request.responseSize)
        response.encode(into: call.reply)
        return .replied
    }

    package func cacheableUnaryCall(_ request: SimpleRequest, _ call: CallContext) -> UnaryOutcome {
        unaryCall(request, call)
    }

    package func unimplementedCall(_ request: Empty, _ call: CallContext) -> UnaryOutcome { .failed(.absentMethod) }

    package func streamingOutputCall(_ call: CallReference) -> any StreamHandler { AnsweringCall(call, .afterLast) }

    package func streamingInputCall(_ call: CallReference) -> any StreamHandler { CountingCall(call) }

    package func fullDuplexCall(_ call: CallReference) -> any StreamHandler { AnsweringCall(call, .atOnce) }

    package func halfDuplexCall(_ call: CallReference) -> any StreamHandler { AnsweringCall(call, .afterLast) }

    package func refusal(of error: MessageError) -> Status { Status(.internalError, "\(error)") }
}

extension Status {
    static let absentMethod = Status(.unimplemented, "this method exists in no server")
}

/// Why a message whose sender says that it compressed it, or did not, came otherwise.
func fault(expecting expected: BoolValue?, wasCompressed: Bool) -> Status? {
    guard let expected, expected.value, !wasCompressed else { return nil }
    return Status(.invalidArgument, "the message was to come compressed and did not")
}

extension Payload {
    init(size: Int32) {
        self.init()
        body = [UInt8](repeating: 0, count: max(0, Int(size)))
    }
}

extension EchoStatus {
    /// What the call ends with; `nil` when it goes on.
    var status: Status? { code == 0 ? nil : Status(StatusCode(rawValue: Int(code)), message) }
}

extension Metadata {
    /// The fields that a server of these tests sends back, before its messages and after them.
    var echoed: (head: Metadata, trailers: Metadata) {
        var (head, trailers) = (Metadata(), Metadata())
        // Fields that have come can be sent: their names are good.
        if let value = text("x-grpc-test-echo-initial") {
            try? head.add("x-grpc-test-echo-initial", text: value)
        }
        if let value = bytes("x-grpc-test-echo-trailing-bin") {
            try? trailers.add("x-grpc-test-echo-trailing-bin", bytes: value)
        }
        return (head, trailers)
    }
}

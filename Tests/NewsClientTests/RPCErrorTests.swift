import GRPCCall
import GRPCWire
import NewsClient
import NewsMessages
import Testing

@Suite("Errors of calls") struct RPCErrorTests {
    private func details(_ infos: [(type: String, value: [UInt8])]) -> [UInt8] {
        var status = RPCStatus()
        status.details = infos.map { type, value in
            var any = AnyMessage()
            any.typeUrl = type
            any.value = value
            return any
        }
        return status.encoded()
    }

    private func info(_ reason: String) -> [UInt8] {
        var info = ErrorInfo()
        info.reason = reason
        return info.encoded()
    }

    @Test(
        "tell whether the call never left, ended here, or was answered",
        arguments: [
            (ClientCallEnding(Status(.unavailable, ""), .connection, isUnprocessed: true), .notConnected),
            (ClientCallEnding(Status(.unavailable, ""), .connection), .local),
            (ClientCallEnding(Status(.cancelled, ""), .local), .local),
            (ClientCallEnding(Status(.unavailable, ""), .server, isUnprocessed: true), .server),
            (ClientCallEnding(Status(.notFound, ""), .server), .server),
        ] as [(ClientCallEnding, RPCError.Origin)])
    func origin(ending: ClientCallEnding, origin: RPCError.Origin) {
        let error = RPCError(ending)
        #expect(error.origin == origin)
        #expect(error.isLocal == (origin != .server))
        #expect(error.code.rawValue == ending.status.code.rawValue)
    }

    @Test("name the reason of the first ErrorInfo that has one")
    func reason() {
        let type = "type.googleapis.com/google.rpc.ErrorInfo"
        let bytes = details([
            ("type.googleapis.com/google.rpc.RetryInfo", []), (type, info("")), (type, info("TIME_INVALID")),
            (type, info("LATER")),
        ])
        let error = RPCError(ClientCallEnding(Status(.invalidArgument, "month", details: bytes), .server))
        #expect(error.reason == "TIME_INVALID")
        #expect(error.details == bytes)
        #expect(error.description == "INVALID_ARGUMENT (TIME_INVALID): month")
    }

    @Test("name the fields at fault and when to try again")
    func otherDetails() {
        var violation = BadRequest.FieldViolation()
        violation.field = "since"
        violation.description = "no month"
        var badRequest = BadRequest()
        badRequest.fieldViolations = [violation]
        var delay = ProtoDuration()
        delay.seconds = 2
        delay.nanos = 500_000_000
        var retry = RetryInfo()
        retry.retryDelay = delay
        let bytes = details([
            ("type.googleapis.com/google.rpc.BadRequest", badRequest.encoded()),
            ("type.googleapis.com/google.rpc.RetryInfo", retry.encoded()),
        ])
        let error = RPCError(ClientCallEnding(Status(.invalidArgument, "month", details: bytes), .server))
        #expect(error.fieldViolations == [.init(field: "since", description: "no month")])
        #expect(error.retryDelay == .seconds(2.5))
        let plain = RPCError(.unknown, "", origin: .server)
        #expect(plain.fieldViolations.isEmpty && plain.retryDelay == nil)
    }

    @Test(
        "have no reason when the details say none or cannot be read",
        arguments: [[], [0xFF], [0x08, 0x03]] as [[UInt8]])
    func noReason(details: [UInt8]) {
        let error = RPCError(ClientCallEnding(Status(.notFound, "gone", details: details), .server))
        #expect(error.reason == nil)
        #expect(error.description == "NOT_FOUND: gone")
    }

    @Test("read without a message too")
    func noMessage() {
        #expect(RPCError(.unknown, "", origin: .server).description == "UNKNOWN")
        #expect(RPCError(.aborted, "", origin: .server, reason: "X").description == "ABORTED (X)")
    }
}

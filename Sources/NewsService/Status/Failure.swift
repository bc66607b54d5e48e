package import GRPCWire
package import NewsModel
internal import NewsMessages

/// What went wrong with a call or with one item of an import, before it becomes a status or an item's error.
package struct Failure: Error, Hashable, Sendable {
    package var code: StatusCode
    package var reason: Reason
    /// For people; a sentence without its end.
    package var message: String
    /// What the message says, for programs.
    package var metadata: [String: String] = [:]
    /// Every field at fault; the first one gave the reason.
    package var violations: [FieldViolation] = []
    /// When the call may be repeated, if that is known.
    package var retryMilliseconds: Int64?

    package init(
        _ code: StatusCode, _ reason: Reason, _ message: String, metadata: [String: String] = [:],
        violations: [FieldViolation] = []
    ) {
        self.code = code
        self.reason = reason
        self.message = message
        self.metadata = metadata
        self.violations = violations
    }

    /// INVALID_ARGUMENT for these fields, of which there is at least one.
    package init(_ violations: [FieldViolation]) {
        precondition(!violations.isEmpty, "a refusal names a field")
        self.init(
            .invalidArgument, Reason(violations[0].reason), violations[0].description,
            metadata: ["field": violations[0].field], violations: violations)
    }

    package init(field: String, _ reason: FieldViolation.Reason = .invalid, _ description: String) {
        self.init([FieldViolation(field: field, reason: reason, description: description)])
    }

    /// The path of the first field at fault; empty when it is no field's fault.
    package var field: String { violations.first?.field ?? "" }

    /// The domain of every ErrorInfo of this server.
    package static let domain = "news.v1"

    /// The status with its details: ErrorInfo always, BadRequest when fields are at fault, RetryInfo when it is known
    /// when to try again.
    package var status: Status {
        var info = ErrorInfo()
        info.reason = reason.rawValue
        info.domain = Failure.domain
        info.metadata = metadata
        var status = RPCStatus()
        status.code = Int32(code.rawValue)
        status.message = message
        status.details = [Failure.packed(info)]
        if !violations.isEmpty {
            var badRequest = BadRequest()
            badRequest.fieldViolations = violations.map { violation in
                var item = BadRequest.FieldViolation()
                item.field = violation.field
                item.description = violation.description
                return item
            }
            status.details.append(Failure.packed(badRequest))
        }
        if let retryMilliseconds {
            var retry = RetryInfo()
            var delay = ProtoDuration()
            delay.seconds = retryMilliseconds / 1000
            delay.nanos = Int32(retryMilliseconds % 1000) * 1_000_000
            retry.retryDelay = delay
            status.details.append(Failure.packed(retry))
        }
        return Status(code, message, details: status.encoded())
    }

    private static func packed<Message: ProtoMessage>(_ message: Message) -> AnyMessage {
        var any = AnyMessage()
        any.typeUrl = "type.googleapis.com/" + Message.protoName
        any.value = message.encoded()
        return any
    }
}

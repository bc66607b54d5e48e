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
    /// When to try again, if that may help.
    package var retryDelay: Duration?

    package init(
        _ code: StatusCode, _ reason: Reason, _ message: String, metadata: [String: String] = [:],
        violations: [FieldViolation] = [], retryDelay: Duration? = nil
    ) {
        self.code = code
        self.reason = reason
        self.message = message
        self.metadata = metadata
        self.violations = violations
        self.retryDelay = retryDelay
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

    /// The status with its details: ErrorInfo always, BadRequest for fields at fault, RetryInfo when waiting helps.
    package var status: Status {
        var info = ErrorInfo()
        info.reason = reason.rawValue
        info.domain = Failure.domain
        info.metadata = metadata
        var status = RPCStatus()
        status.code = Int32(code.rawValue)
        status.message = message
        status.details = [Failure.packed(info)]
        if let retryDelay {
            var retry = RetryInfo()
            retry.retryDelay = ProtoDuration(retryDelay)
            status.details.append(Failure.packed(retry))
        }
        if !violations.isEmpty {
            status.details.append(Failure.packed(badRequest))
            // What is too large to be sent would take the reason with it.
            if status.encoded().count > Status.detailsMax { status.details.removeLast() }
        }
        return Status(code, message, details: status.encoded())
    }

    /// Fields that one answer lists.
    private static let violationsMax = 20

    private var badRequest: BadRequest {
        var badRequest = BadRequest()
        badRequest.fieldViolations = violations.prefix(Failure.violationsMax).map { violation in
            var item = BadRequest.FieldViolation()
            item.field = violation.field
            item.description = violation.description
            return item
        }
        return badRequest
    }

    private static func packed<Message: ProtoMessage>(_ message: Message) -> AnyMessage {
        var any = AnyMessage()
        any.typeUrl = "type.googleapis.com/" + Message.protoName
        any.value = message.encoded()
        return any
    }
}

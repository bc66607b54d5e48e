internal import NewsMessages

/// What the google.rpc.Status of an error says for programs. Details that cannot be read count as none: the status
/// itself is what matters.
extension RPCError {
    /// A field of the request, and what is wrong with it.
    public struct FieldViolation: Hashable, Sendable {
        public var field: String
        public var description: String

        public init(field: String, description: String) {
            self.field = field
            self.description = description
        }
    }

    /// Every field at fault (google.rpc.BadRequest).
    public var fieldViolations: [FieldViolation] {
        Self.messages(of: BadRequest.self, in: details).flatMap(\.fieldViolations).map { violation in
            FieldViolation(field: violation.field, description: violation.description)
        }
    }

    /// How long to wait before trying again (google.rpc.RetryInfo). `nil`: the server does not say.
    public var retryDelay: Duration? {
        for info in Self.messages(of: RetryInfo.self, in: details) {
            guard let delay = info.retryDelay else { continue }
            return .seconds(delay.seconds) + .nanoseconds(Int64(delay.nanos))
        }
        return nil
    }

    /// The reason of the first google.rpc.ErrorInfo that has one.
    static func reason(in details: [UInt8]) -> String? {
        messages(of: ErrorInfo.self, in: details).first { !$0.reason.isEmpty }?.reason
    }

    /// The details of one type, of those that can be read.
    private static func messages<Message: ProtoMessage>(of type: Message.Type, in details: [UInt8]) -> [Message] {
        guard !details.isEmpty, let status = try? RPCStatus(decoding: details.span) else { return [] }
        return status.details.filter { $0.typeUrl.hasSuffix("/" + Message.protoName) }.compactMap { detail in
            try? Message(decoding: detail.value.span)
        }
    }
}

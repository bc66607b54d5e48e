internal import GRPCWire

/// Why a call gave no answer.
public struct RPCError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What a call ended with: the published codes of gRPC, by number.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }

        public static let cancelled = Code(.cancelled)
        public static let unknown = Code(.unknown)
        public static let invalidArgument = Code(.invalidArgument)
        public static let deadlineExceeded = Code(.deadlineExceeded)
        public static let notFound = Code(.notFound)
        public static let alreadyExists = Code(.alreadyExists)
        public static let permissionDenied = Code(.permissionDenied)
        public static let resourceExhausted = Code(.resourceExhausted)
        public static let failedPrecondition = Code(.failedPrecondition)
        public static let aborted = Code(.aborted)
        public static let outOfRange = Code(.outOfRange)
        public static let unimplemented = Code(.unimplemented)
        public static let internalError = Code(.internalError)
        public static let unavailable = Code(.unavailable)
        public static let dataLoss = Code(.dataLoss)
        public static let unauthenticated = Code(.unauthenticated)

        /// The published name, such as "NOT_FOUND".
        public var name: String { StatusCode(rawValue: rawValue).name }
        public var description: String { name }

        init(_ code: StatusCode) { rawValue = code.rawValue }
    }

    /// Where the call ended.
    public enum Origin: Hashable, Sendable {
        /// The call never left: the address, the connection or its set-up failed, or the client is closed.
        case notConnected
        /// This side ended the call: out of time, cancelled, a limit, an answer that cannot be read.
        case local
        /// The server said so.
        case server
    }

    public var code: Code
    public var message: String
    /// Why, for programs: the reason of the google.rpc.ErrorInfo that came along, such as "ARTICLE_NOT_FOUND".
    public var reason: String?
    /// The encoded google.rpc.Status that came along, or empty.
    public var details: [UInt8]
    public var origin: Origin
    /// Fields that came with the failure, without gRPC's own.
    public var metadata: [MetadataField]

    public init(
        _ code: Code, _ message: String, origin: Origin, reason: String? = nil, details: [UInt8] = [],
        metadata: [MetadataField] = []
    ) {
        self.code = code
        self.message = message
        self.origin = origin
        self.reason = reason
        self.details = details
        self.metadata = metadata
    }

    /// Whether the call ended here and not by the server's word.
    public var isLocal: Bool { origin != .server }

    /// One form everywhere: `NOT_FOUND (ARTICLE_NOT_FOUND): no article "articles/x"`.
    public var description: String {
        let cause = reason.map { " (\($0))" } ?? ""
        return message.isEmpty ? code.name + cause : "\(code.name)\(cause): \(message)"
    }
}

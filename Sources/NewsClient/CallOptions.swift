internal import GRPCWire

/// What one call may ask for.
public struct CallOptions: Sendable {
    /// How long the call may take, connecting and further tries included. `nil`: the client's default. `noTimeout`: as
    /// long as it likes.
    public var timeout: Duration?
    /// Further header fields, sent in this order.
    public var metadata: [MetadataField]
    /// How request messages are compressed. One that would not become smaller is sent as it is. Answers may come
    /// compressed whatever this says.
    public var compression: MessageCompressionMethod?
    /// Whether the call waits while no connection can be had, until its time is over. Otherwise it fails at once, with
    /// UNAVAILABLE and the reason.
    public var waitForReady: Bool
    /// Whether sending the call twice does no harm, so that it may be tried again. `nil`: as the contract says of the
    /// method.
    public var isIdempotent: Bool?
    /// Most tries, the first included. 1: no retries. `nil`: as the client's retry policy says.
    public var maxAttempts: Int?
    /// Filled with what the server sends beside the messages.
    public var responseMetadata: ResponseMetadata?

    /// A timeout that never passes.
    public static let noTimeout = Duration.seconds(Int64.max)

    public init(
        timeout: Duration? = nil, metadata: [MetadataField] = [], compression: MessageCompressionMethod? = nil,
        waitForReady: Bool = false, isIdempotent: Bool? = nil, maxAttempts: Int? = nil,
        responseMetadata: ResponseMetadata? = nil
    ) {
        self.timeout = timeout
        self.metadata = metadata
        self.compression = compression
        self.waitForReady = waitForReady
        self.isIdempotent = isIdempotent
        self.maxAttempts = maxAttempts
        self.responseMetadata = responseMetadata
    }
}

/// What every gRPC server that reads compressed messages knows.
public enum MessageCompressionMethod: String, CaseIterable, Hashable, Sendable {
    case gzip, deflate

    var encoding: MessageEncoding {
        switch self {
        case .gzip: .gzip
        case .deflate: .deflate
        }
    }
}

/// One field that a call sends along, or gets back.
public struct MetadataField: Hashable, Sendable {
    public enum Value: Hashable, Sendable {
        /// ASCII without control characters.
        case text(String)
        /// Any bytes; the field's name ends in "-bin".
        case bytes([UInt8])
    }

    /// Lower-case letters, digits, "-", "_" and "."; not a name that HTTP or gRPC itself uses.
    public var name: String
    public var value: Value

    public init(_ name: String, _ text: String) {
        self.name = name
        value = .text(text)
    }

    public init(_ name: String, bytes: [UInt8]) {
        self.name = name
        value = .bytes(bytes)
    }

    /// A field that the server sent. Text that is not UTF-8 is shown by replacement characters.
    init(_ field: Metadata.Field) {
        name = field.name
        value = field.isBinary ? .bytes(field.value) : .text(String(decoding: field.value, as: UTF8.self))
    }
}

internal import GRPCWire

/// What one call may ask for.
public struct CallOptions: Sendable {
    /// How long the call may take, connecting included. `nil`: the client's default.
    public var timeout: Duration?
    /// Further header fields, sent in this order.
    public var metadata: [MetadataField]
    /// How request messages are compressed. One that would not become smaller is sent as it is. Answers may come
    /// compressed whatever this says.
    public var compression: MessageCompressionMethod?

    public init(
        timeout: Duration? = nil, metadata: [MetadataField] = [], compression: MessageCompressionMethod? = nil
    ) {
        self.timeout = timeout
        self.metadata = metadata
        self.compression = compression
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

/// One field that a call sends along.
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

internal import GRPCWire

/// What one call may ask for.
public struct CallOptions: Sendable {
    /// How long the call may take, connecting included. `nil`: the client's default.
    public var timeout: Duration?
    /// Further header fields, sent in this order.
    public var metadata: [MetadataField]

    public init(timeout: Duration? = nil, metadata: [MetadataField] = []) {
        self.timeout = timeout
        self.metadata = metadata
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

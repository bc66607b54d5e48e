package import GRPCCall
internal import GRPCWire

extension RPCError {
    /// What a call's end looks like from outside.
    package init(_ ending: ClientCallEnding) {
        let origin: Origin =
            switch ending.origin {
            case .server: .server
            case .connection where ending.isUnprocessed: .notConnected
            case .connection, .local: .local
            }
        let status = ending.status
        self.init(
            Code(status.code), status.message, origin: origin, reason: Self.reason(in: status.details),
            details: status.details, metadata: ending.metadata.fields.map(MetadataField.init))
    }

    /// A call that ends before it is sent, by this side's doing.
    static func local(_ code: Code, _ message: String) -> RPCError { RPCError(code, message, origin: .local) }

    static let closed = RPCError(.cancelled, "the client has been closed", origin: .notConnected)
}

/// How a call ended.
package struct Status: Error, Hashable, Sendable, CustomStringConvertible {
    package var code: StatusCode
    /// For people. Empty for most calls that succeed.
    package var message: String
    /// An encoded google.rpc.Status for `grpc-status-details-bin`, or empty.
    package var details: [UInt8]

    package init(_ code: StatusCode, _ message: String, details: [UInt8] = []) {
        self.code = code
        self.message = message
        self.details = details
    }

    /// Largest details that are sent, in bytes.
    package static let detailsMax = 3072

    package static let ok = Status(.ok, "")

    package var isOK: Bool { code == .ok }

    package var description: String { message.isEmpty ? code.name : "\(code.name): \(message)" }
}

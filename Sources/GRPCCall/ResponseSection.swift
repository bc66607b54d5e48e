internal import Bytes
package import GRPCWire

/// One header section of a response: informational, the first final one, or trailers. Gathered field by field; what it
/// means depends on where it stands, which `ClientCall` knows.
package struct ResponseSection: Sendable {
    /// What `grpc-status` says.
    package enum StatusField: Hashable, Sendable {
        case absent
        case code(StatusCode)
        /// No number; this text instead.
        case unreadable(String)
    }

    /// `:status`; 0 when it did not come.
    package private(set) var httpStatus = 0
    package private(set) var contentType: [UInt8]?
    package private(set) var status = StatusField.absent
    /// `grpc-message`, decoded.
    package private(set) var message = ""
    /// `grpc-status-details-bin`, decoded. One that is not base64 counts as none: the status itself is what matters.
    package private(set) var details: [UInt8] = []
    /// `grpc-encoding`.
    package private(set) var encoding = MessageEncoding.identity.rawValue
    /// `grpc-retry-pushback-ms`: what the server says about trying again.
    package private(set) var pushback: RetryPushback?
    /// Fields that are not gRPC's own. One in -bin that is not base64 is left out.
    package private(set) var metadata = Metadata()
    /// The fields are larger than allowed. Those beyond the limit were not kept.
    package private(set) var isTooLarge = false
    private var byteCount = 0

    package init() {}

    /// Takes one field.
    ///
    /// - Parameter limit: largest section, in bytes: names, values and 32 for each field (RFC 9113 section 6.5.2).
    package mutating func add(name: Span<UInt8>, value: Span<UInt8>, limit: Int) {
        byteCount += name.count + value.count + 32
        guard byteCount <= limit else {
            isTooLarge = true
            return
        }
        switch String(repairing: name) {
        case ":status": httpStatus = StatusCode(parsing: value)?.rawValue ?? 0
        case "content-type": contentType = [UInt8](copying: value)
        case "grpc-status":
            status = StatusCode(parsing: value).map(StatusField.code) ?? .unreadable(String(repairing: value))
        case "grpc-message": message = PercentEncoding.decode(value)
        case "grpc-status-details-bin": details = (try? BinaryHeader.decode(value).first) ?? []
        case "grpc-encoding": encoding = String(repairing: value)
        case "grpc-retry-pushback-ms": pushback = RetryPushback(parsing: value)
        default: try? metadata.receive(name: name, value: value)
        }
    }

    package var isInformational: Bool { (100..<200).contains(httpStatus) }

    /// How the call ended, by this section's own word. `nil`: it says nothing about it.
    package var callStatus: Status? {
        switch status {
        case .absent: nil
        case .code(let code): Status(code, message, details: details)
        case .unreadable(let text):
            Status(.unknown, "the server sent grpc-status \"\(text)\"" + (message.isEmpty ? "" : ": \(message)"))
        }
    }
}

extension StatusCode {
    /// What an HTTP status without `grpc-status` stands for (gRPC, "HTTP to gRPC Status Code Mapping").
    package init(httpStatus: Int) {
        self =
            switch httpStatus {
            case 400: .internalError
            case 401: .unauthenticated
            case 403: .permissionDenied
            case 404: .unimplemented
            case 429, 502, 503, 504: .unavailable
            default: .unknown
            }
    }

    /// What RST_STREAM with an HTTP/2 error code stands for (gRPC over HTTP/2, "Errors").
    package init(resetCode: UInt32) {
        self =
            switch resetCode {
            case 7: .unavailable  // REFUSED_STREAM
            case 8: .cancelled  // CANCEL
            case 11: .resourceExhausted  // ENHANCE_YOUR_CALM
            case 12: .permissionDenied  // INADEQUATE_SECURITY
            default: .internalError
            }
    }
}

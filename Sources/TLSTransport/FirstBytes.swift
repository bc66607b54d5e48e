/// What a peer speaks, by the first bytes that come from it.
package enum FirstBytes: Hashable, Sendable {
    /// The preface of an HTTP/2 client (RFC 9113 section 3.4).
    case http2
    /// A request or an answer of HTTP/1.
    case http1
    /// A handshake or an alert of TLS (RFC 8446 section 5.1).
    case tls
    case other

    /// `nil`: more bytes are needed to tell.
    package init?(_ bytes: Span<UInt8>) {
        guard bytes.count > 0 else { return nil }
        switch bytes[0] {
        case 21, 22: self = .tls
        case UInt8(ascii: "P"):
            // "PRI * HTTP/2.0", or POST, PUT, PATCH, PROPFIND.
            let preface: StaticString = "PRI"
            for index in 1..<preface.utf8CodeUnitCount {
                guard index < bytes.count else { return nil }
                guard bytes[index] == (index == 1 ? UInt8(ascii: "R") : UInt8(ascii: "I")) else {
                    self = .http1
                    return
                }
            }
            self = .http2
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): self = .http1
        default: self = .other
        }
    }
}

internal import Bytes

/// What a `content-type` says about a gRPC message (gRPC over HTTP/2, "Content-Type").
package enum ContentType: Hashable, Sendable {
    /// application/grpc or application/grpc+proto, with or without parameters.
    case protobuf
    /// application/grpc+ and another codec, such as json.
    case otherCodec
    /// Something else.
    case notGRPC

    /// What is sent, by client and server.
    package static let sent = "application/grpc"

    /// Reads a value. Letter case matters, as in every gRPC implementation.
    package init(_ value: Span<UInt8>) {
        let end = 16
        guard value.holds("application/grpc") else {
            self = .notGRPC
            return
        }
        if Self.ends(value, at: end) {
            self = .protobuf
        } else if value.holds("+proto", at: end), Self.ends(value, at: end + 6) {
            self = .protobuf
        } else {
            self = value[end] == UInt8(ascii: "+") ? .otherCodec : .notGRPC
        }
    }

    /// Whether the media type ends at `index`: nothing follows, or parameters.
    private static func ends(_ value: Span<UInt8>, at index: Int) -> Bool {
        index == value.count || value[index] == UInt8(ascii: ";") || value[index] == UInt8(ascii: " ")
    }
}

internal import GRPCCall
internal import GRPCWire
internal import HTTP2

/// The header sections that replies are made of (PROTOCOL-HTTP2, "Responses").
///
/// Those without a message are literals, made once: a reply then makes no header.
enum ReplyHeaders {
    /// Before the messages.
    static let head = HeaderBlock(literals: [":status": "200", "content-type": "application/grpc"])

    private static let gzipHead = HeaderBlock(
        literals: [":status": "200", "content-type": "application/grpc", "grpc-encoding": "gzip"])
    private static let deflateHead = HeaderBlock(
        literals: [":status": "200", "content-type": "application/grpc", "grpc-encoding": "deflate"])

    /// Before messages of which some may be compressed, and with metadata.
    static func head(_ metadata: Metadata, _ encoding: MessageEncoding) -> HeaderBlock {
        guard metadata.isEmpty else {
            let name = [UInt8](encoding.rawValue.utf8)
            let ofEncoding = encoding == .identity ? [] : [(name: "grpc-encoding", value: name)]
            return HeaderBlock(headFields + ofEncoding + metadata.wireFields)
        }
        return switch encoding {
        case .identity: head
        case .gzip: gzipHead
        case .deflate: deflateHead
        }
    }

    /// After the messages of a call that succeeded.
    static let ok = HeaderBlock(literals: ["grpc-status": "0"])

    /// After the messages.
    static func trailers(_ status: Status, _ metadata: Metadata = Metadata()) -> HeaderBlock {
        status.code == .ok && metadata.isEmpty ? ok : HeaderBlock(fields(status) + metadata.wireFields)
    }

    /// The only section of a call that failed before its first message (Trailers-Only).
    static func trailersOnly(_ status: Status, _ metadata: ReplyFields? = nil) -> HeaderBlock {
        let own = (metadata?.head.wireFields ?? []) + (metadata?.trailers.wireFields ?? [])
        return HeaderBlock(headFields + fields(status) + own)
    }

    private static let headFields: [(name: String, value: [UInt8])] = [
        (":status", [UInt8]("200".utf8)), ("content-type", [UInt8]("application/grpc".utf8)),
    ]

    /// The only section of an answer to what is no gRPC request.
    static func http(_ status: Int) -> HeaderBlock {
        switch status {
        case 405: HeaderBlock(literals: [":status": "405", "allow": "POST"])
        default: HeaderBlock(literals: [":status": "415", "accept": "application/grpc"])
        }
    }

    /// Largest message that is sent, in bytes: percent-encoded it may become three times as many, and with
    /// `Status.detailsMax` in base64 all trailers should stay below 8 KiB, which is what clients take.
    private static let textMax = 1024

    private static func fields(_ status: Status) -> [(name: String, value: [UInt8])] {
        var fields: [(name: String, value: [UInt8])] = [("grpc-status", [UInt8]("\(status.code.rawValue)".utf8))]
        if !status.message.isEmpty {
            fields.append(("grpc-message", PercentEncoding.encode(shortened(status.message))))
        }
        if status.code == .unimplemented {
            // It may be for an encoding that is not known here.
            fields.append(("grpc-accept-encoding", [UInt8](MessageEncoding.accepted.utf8)))
        }
        if !status.details.isEmpty, status.details.count <= Status.detailsMax {
            fields.append(("grpc-status-details-bin", [UInt8](BinaryHeader.encode(status.details).utf8)))
        }
        return fields
    }

    private static func shortened(_ text: String) -> String {
        guard text.utf8.count > textMax else { return text }
        var result = ""
        for character in text {
            guard result.utf8.count + character.utf8.count <= textMax else { break }
            result.append(character)
        }
        return result + "…"
    }
}

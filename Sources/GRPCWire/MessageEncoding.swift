internal import Bytes

/// How messages of a call may be compressed (gRPC, "Compression"). Each message says for itself whether it is.
package enum MessageEncoding: String, CaseIterable, Hashable, Sendable {
    case identity, gzip, deflate

    /// What a `grpc-encoding` names; `nil` when nobody here knows it.
    package init?(_ value: Span<UInt8>) {
        switch value.count {
        case 4 where value.equals("gzip"): self = .gzip
        case 7 where value.equals("deflate"): self = .deflate
        case 8 where value.equals("identity"): self = .identity
        default: return nil
        }
    }

    /// What both sides here read, as `grpc-accept-encoding` says it.
    package static let accepted = "identity,deflate,gzip"
}

/// What a `grpc-accept-encoding` lists, as far as it is known here.
package struct AcceptedEncodings: Hashable, Sendable {
    private var gzip = false
    private var deflate = false

    package init() {}

    /// Reads a list of names, separated by commas and blanks. Names that are not known are passed over.
    package init(parsing list: Span<UInt8>) {
        var start = 0
        while start < list.count {
            var end = start
            while end < list.count, !Self.separates(list[end]) { end += 1 }
            switch MessageEncoding(list.extracting(start..<end)) {
            case .gzip: gzip = true
            case .deflate: deflate = true
            case .identity, nil: break
            }
            start = end + 1
        }
    }

    private static func separates(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    /// What replies are compressed by, if any are.
    package var best: MessageEncoding { gzip ? .gzip : deflate ? .deflate : .identity }
}

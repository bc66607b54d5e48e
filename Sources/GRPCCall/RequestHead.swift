internal import Bytes
package import GRPCWire

/// What the header fields of a request say, gathered field by field without making strings.
///
/// Nothing is judged before the whole section is there (`verdict`): HPACK must be decoded to its end in any case, and
/// the order of fields is the peer's.
package struct RequestHead {
    private var method = -1
    private var isPost = false
    /// Absent is as good as wrong.
    private var contentType = ContentType.notGRPC
    /// What is wrong with a field of gRPC's own or with metadata; empty when nothing is.
    private var fault = ""
    private var byteCount = 0
    private var isTooLarge = false
    /// Whether the caller asks what its call took: `newsrpc-trace: 1`.
    package private(set) var isTraced = false
    /// Time the call may take, in nanoseconds. Nil: no deadline.
    package private(set) var timeout: Int64?
    /// How the caller compresses the messages that it compresses; `nil` when nobody here knows how.
    package private(set) var encoding: MessageEncoding? = .identity
    /// How replies may be compressed. Read only where replies are compressed at all.
    package private(set) var accepted = AcceptedEncodings()
    /// Fields that are not gRPC's own, if the limits say that they are kept.
    package private(set) var metadata = Metadata()

    package init() {}

    /// Takes one field. Names are in lower case, as HTTP/2 wants them.
    ///
    /// - Returns: `true` for `authorization`. It is not kept: whoever judges it does so while the value is lent, and a
    ///   secret is no metadata.
    package mutating func add(
        name: Span<UInt8>, value: Span<UInt8>, routing: RoutingTable, limits: CallLimits
    ) -> Bool {
        guard !name.isEmpty else { return false }
        byteCount += name.count + value.count + 32
        guard byteCount <= limits.headerListMax else {
            isTooLarge = true
            return false
        }
        if name[0] == UInt8(ascii: ":") {
            addPseudo(name, value, routing)
            return false
        }
        switch name.count {
        case 2 where name.equals("te"): break  // nghttp2 refuses anything but "trailers" (RFC 9113 section 8.2.2).
        case 12 where name.equals("content-type"): contentType = ContentType(value)
        case 12 where name.equals("grpc-timeout"): addTimeout(value)
        case 13 where name.equals("grpc-encoding"): encoding = MessageEncoding(value)
        case 20 where limits.compressedReplyMin != nil && name.equals("grpc-accept-encoding"):
            accepted = AcceptedEncodings(parsing: value)
        case 10 where name.equals("user-agent"): break
        case 13 where name.equals("authorization"): return true
        case 13 where name.equals("newsrpc-trace"): isTraced = value.equals("1")
        default: addCustom(name, value, limits)
        }
        return false
    }

    private mutating func addPseudo(_ name: Span<UInt8>, _ value: Span<UInt8>, _ routing: RoutingTable) {
        switch name.count {
        case 5 where name.equals(":path"): method = routing.index(of: value) ?? -1
        case 7 where name.equals(":method"): isPost = value.equals("POST")
        default: break
        }
    }

    private mutating func addTimeout(_ value: Span<UInt8>) {
        do throws(TimeoutError) { timeout = try GRPCTimeout.parse(value) } catch { fault = "\(error)" }
    }

    private mutating func addCustom(_ name: Span<UInt8>, _ value: Span<UInt8>, _ limits: CallLimits) {
        guard !name.holds("grpc-") else { return }
        do throws(MetadataError) {
            guard limits.keepsMetadata else { return try Metadata.check(name: name, value: value) }
            try metadata.receive(name: name, value: value)
        } catch {
            fault = "\(error)"
        }
    }

    /// What becomes of the request, once its header section is complete.
    package enum Verdict: Equatable {
        /// Call the method of this index.
        case call(method: Int)
        /// Answer with this HTTP status and nothing else (PROTOCOL-HTTP2, "Requests").
        case refuseHTTP(status: Int)
        case refuse(Status)
    }

    /// Nothing is done in less than a microsecond, in nanoseconds: such a deadline has passed.
    private static let shortestTimeout: Int64 = 1000

    package func verdict(limits: CallLimits) -> Verdict {
        if isTooLarge {
            return .refuse(
                Status(.resourceExhausted, "header fields are larger than \(limits.headerListMax) bytes"))
        }
        guard isPost else { return .refuseHTTP(status: 405) }
        switch contentType {
        case .notGRPC: return .refuseHTTP(status: 415)
        case .otherCodec:
            return .refuse(Status(.unimplemented, "content-type: only application/grpc and application/grpc+proto"))
        case .protobuf: break
        }
        guard method >= 0 else { return .refuse(Status(.unimplemented, "unknown service or method")) }
        guard fault.isEmpty else { return .refuse(Status(.internalError, fault)) }
        if let timeout, timeout < Self.shortestTimeout {
            return .refuse(Status(.deadlineExceeded, "the deadline has passed"))
        }
        return .call(method: method)
    }
}

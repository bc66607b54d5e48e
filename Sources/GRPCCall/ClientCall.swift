internal import Bytes
package import GRPCWire

/// The client's side of one call, from its first response field to its end. Sans-I/O: what happened is called, and the
/// first answer that is an ending is the call's; nothing that comes later changes it.
///
///     awaiting --> reading ------> ended      200 and application/grpc: messages, then trailers
///        |            ^              ^
///        |            `- 1xx         |
///        |-----> collecting -------->|       not gRPC: the beginning of the body tells why
///        `-------------------------->'       Trailers-Only, reset, deadline, cancelled, connection lost
package struct ClientCall: Sendable {
    private enum Phase { case awaiting, reading, collecting, ended }

    /// What a complete header section led to.
    package enum SectionOutcome: Hashable, Sendable {
        /// 1xx: the final section is still to come.
        case informational
        /// Messages follow. These fields came with the response's beginning.
        case head(Metadata)
        /// Nothing to do yet.
        case wait
        case ended(ClientCallEnding)
    }

    private let expectsOneMessage: Bool
    private let limits: ClientCallLimits
    private var phase = Phase.awaiting
    private var section = ResponseSection()
    /// The first final section.
    private var head = ResponseSection()
    private var deframer: MessageDeframer
    private var encoding = MessageEncoding.identity
    private var messageCount = 0
    private var snippet: [UInt8] = []
    private var isHalfClosed = false

    /// Bytes of a body that is not gRPC which an error message shows.
    private static let snippetMax = 256

    package init(kind: MethodKind, limits: ClientCallLimits) {
        expectsOneMessage = kind == .unary || kind == .clientStreaming
        self.limits = limits
        deframer = MessageDeframer(limit: limits.messageMax)
    }

    package var isOver: Bool { phase == .ended }

    /// All that this side sends has been given to the stream.
    package mutating func halfClosed() { isHalfClosed = true }

    // MARK: What the peer sends

    package mutating func field(name: Span<UInt8>, value: Span<UInt8>) {
        guard phase != .ended else { return }
        section.add(name: name, value: value, limit: limits.headerListMax)
    }

    /// A header section is complete.
    package mutating func fieldsEnded(isTrailer: Bool, endOfStream: Bool) -> SectionOutcome {
        guard phase != .ended else { return .wait }
        let complete = section
        section = ResponseSection()
        if complete.isTooLarge {
            return .ended(
                finish(.resourceExhausted, "response fields are larger than \(limits.headerListMax) bytes"))
        }
        if isTrailer { return .ended(conclude(with: complete)) }
        if complete.isInformational { return .informational }
        head = complete
        // Trailers-Only: one section is both head and trailers.
        if endOfStream { return .ended(conclude(with: complete)) }
        return begin()
    }

    /// The head of a response with a body.
    private mutating func begin() -> SectionOutcome {
        guard headIsGRPC else {
            phase = .collecting
            return .wait
        }
        guard let encoding = MessageEncoding(rawValue: head.encoding) else {
            return .ended(
                finish(.internalError, "the response is encoded as \"\(head.encoding)\", which was not offered"))
        }
        self.encoding = encoding
        deframer.takesCompressed = encoding != .identity
        phase = .reading
        return .head(head.metadata)
    }

    /// How a message came.
    package struct Arrival: Hashable, Sendable {
        /// Bytes on the way, with the prefix.
        package var byteCount: Int
        package var wasCompressed: Bool
    }

    /// Takes bytes of the body and lends every message that is whole.
    package mutating func data(
        _ bytes: Span<UInt8>, _ compression: MessageCompression, _ body: (Span<UInt8>, Arrival) -> Void
    ) -> ClientCallEnding? {
        switch phase {
        case .awaiting, .ended: return nil
        case .collecting:
            let room = min(Self.snippetMax - snippet.count, bytes.count)
            snippet.append(copying: bytes.extracting(0..<room))
            return snippet.count < Self.snippetMax ? nil : end(notGRPC())
        case .reading: return read(bytes, compression, body)
        }
    }

    private mutating func read(
        _ bytes: Span<UInt8>, _ compression: MessageCompression, _ body: (Span<UInt8>, Arrival) -> Void
    ) -> ClientCallEnding? {
        var count = messageCount
        var fault: CompressionError?
        let (single, encoding, limit) = (expectsOneMessage, encoding, limits.messageMax)
        do throws(FrameError) {
            try deframer.receive(bytes) { payload, isCompressed in
                count += 1
                guard fault == nil, !single || count == 1 else { return }
                let arrival = Arrival(
                    byteCount: MessagePrefix.byteCount + payload.count, wasCompressed: isCompressed)
                guard isCompressed else { return body(payload, arrival) }
                do throws(CompressionError) {
                    let message = try compression.decompressed(payload, encoding, limit: limit)
                    body(message.span, arrival)
                } catch {
                    fault = error
                }
            }
        } catch {
            messageCount = count
            return end(Self.ending(of: error))
        }
        messageCount = count
        if let fault {
            let status = Status(fault, of: "the response message")
            return finish(status.code, status.message)
        }
        guard single, count > 1 else { return nil }
        return finish(.unimplemented, "the server sent more than the one message that answers this method")
    }

    /// The peer sends no more.
    package mutating func endOfStream() -> ClientCallEnding? {
        guard phase != .ended else { return nil }
        return conclude(with: nil)
    }

    // MARK: What else ends a call

    /// RST_STREAM came.
    ///
    /// - Parameter deadlinePassed: the call's own deadline is over, which a server that resets the stream for that very
    ///   reason may say first.
    package mutating func reset(code: UInt32, deadlinePassed: Bool) -> ClientCallEnding? {
        guard phase != .ended else { return nil }
        var status = Status(StatusCode(resetCode: code), "the server reset the stream with HTTP/2 error \(code)")
        if status.code == .cancelled, deadlinePassed { status = ClientCallEnding.deadlinePassed.status }
        return end(ClientCallEnding(status, .server, isUnprocessed: status.code == .unavailable))
    }

    /// GOAWAY came, and this call's stream is above the last one that the server will look at.
    package mutating func refusedByGoAway(_ reason: String) -> ClientCallEnding? {
        let status = Status(.unavailable, "the server is leaving" + (reason.isEmpty ? "" : ": \(reason)"))
        return end(ClientCallEnding(status, .server, isUnprocessed: true))
    }

    /// The connection is gone, or there was none.
    ///
    /// - Parameter isUnprocessed: nothing of the call had left.
    package mutating func connectionLost(_ reason: String, isUnprocessed: Bool) -> ClientCallEnding? {
        end(.connectionLost(reason, isUnprocessed: isUnprocessed))
    }

    package mutating func deadlinePassed() -> ClientCallEnding? { end(.deadlinePassed) }

    package mutating func cancel() -> ClientCallEnding? { end(.cancelled) }

    // MARK: Endings

    /// The first ending is the call's.
    private mutating func end(_ ending: ClientCallEnding) -> ClientCallEnding? {
        guard phase != .ended else { return nil }
        phase = .ended
        snippet = []
        return ending
    }

    /// Ends a call that the response itself made pointless.
    private mutating func finish(_ code: StatusCode, _ message: String) -> ClientCallEnding {
        phase = .ended
        return ClientCallEnding(Status(code, message), .local, reset: .cancel)
    }

    /// The response is complete, with or without trailers.
    private mutating func conclude(with trailers: ResponseSection?) -> ClientCallEnding {
        var ending = verdict(trailers)
        // Nobody wants what is still to be sent.
        ending.reset = isHalfClosed ? nil : .noError
        if let trailers {
            ending.metadata = trailers.metadata
            ending.pushback = trailers.pushback
        }
        phase = .ended
        return ending
    }

    private func verdict(_ trailers: ResponseSection?) -> ClientCallEnding {
        let status = trailers?.callStatus
        if phase == .collecting, status?.isOK != false { return notGRPC() }
        guard let status else {
            guard headIsGRPC else { return notGRPC() }
            return ClientCallEnding(Status(.unknown, "the response ended without grpc-status"), .server)
        }
        guard status.isOK else { return ClientCallEnding(status, .server) }
        do throws(FrameError) { try deframer.finish() } catch { return Self.ending(of: error) }
        guard expectsOneMessage, messageCount != 1 else { return ClientCallEnding(status, .server) }
        return ClientCallEnding(
            Status(.unimplemented, "the server said OK without the message that answers this method"), .local)
    }

    private var headIsGRPC: Bool {
        head.httpStatus == 200 && head.contentType.map { ContentType($0.span) } == .protobuf
    }

    /// What answered is no gRPC server: its HTTP status and the beginning of its body are all there is to say.
    private func notGRPC() -> ClientCallEnding {
        let type = head.contentType.map { "content-type \"\(String(decoding: $0, as: UTF8.self))\"" }
        let text = snippet.isEmpty ? "" : ": " + String(decoding: snippet, as: UTF8.self)
        let code: StatusCode = head.httpStatus == 200 ? .unknown : StatusCode(httpStatus: head.httpStatus)
        let message = "the answer is not gRPC: HTTP status \(head.httpStatus), \(type ?? "no content-type")\(text)"
        return ClientCallEnding(Status(code, message), .server, reset: .cancel)
    }

    private static func ending(of error: FrameError) -> ClientCallEnding {
        ClientCallEnding(Status(error, of: "the response message"), .local, reset: .cancel)
    }
}

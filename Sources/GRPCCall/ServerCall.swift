internal import Bytes
package import GRPCWire

/// The server's side of one call, from its header section to its end. Sans-I/O: inputs are called, answers say what to
/// do.
///
///     fields -> collecting -> answering -> over        unary: the one request is gathered, then answered
///            -> streaming  ------------->  over        streamed: requests are handed on as the handler asks for them
///            ------------------------->    over        refused
///
/// A call belongs to a slot of its connection and is used again for the slot's next stream: its buffer keeps its
/// memory, and no request makes an object. It is changed where it lies: a copy would count references.
package struct ServerCall {
    package enum Phase: Equatable { case fields, collecting, streaming, answering, over }

    package private(set) var phase = Phase.fields
    /// What the header section says.
    package private(set) var head = RequestHead()
    /// Index of the method in the routing table; set with the verdict.
    package private(set) var method = -1
    /// Bytes of requests that are not yet handed on.
    private var buffer: [UInt8] = []
    /// Bytes of `buffer` that have been handed on.
    private var offset = 0
    /// Bytes behind `offset` for which the peer may have sent others already, see `windowToOpen`.
    private var replaced = 0
    /// Bytes after the one request of a unary call. Counted only: they make the call fail.
    private var excess = 0
    /// Requests that the handler of a streamed call still takes.
    private var credit = 0
    /// The peer sends no more.
    package private(set) var isHalfClosed = false
    /// Grows with every use of the slot, so that a late answer to an earlier call is told apart.
    package private(set) var generation: UInt32 = 0
    /// The unary method has been asked, and is to be asked again.
    package private(set) var isAgain = false

    package init() {}

    /// Memory that a call keeps for the next one in its slot, in bytes: a read's request fits, and a connection with a
    /// hundred slots keeps 50 KiB at most.
    private static let keptCapacity = 512

    /// A new stream takes the slot.
    package mutating func begin() {
        phase = .fields
        head = RequestHead()
        method = -1
        emptyBuffer()
        excess = 0
        credit = 0
        isHalfClosed = false
        isAgain = false
        generation &+= 1
    }

    /// The stream is gone, or an answer was given that ends it. What it has in memory is let go.
    ///
    /// - Returns: how many bytes that were.
    package mutating func end() -> Int {
        let byteCount = bufferedByteCount
        phase = .over
        emptyBuffer()
        return byteCount
    }

    private mutating func emptyBuffer() {
        if buffer.capacity > Self.keptCapacity { buffer = [] } else { buffer.removeAll(keepingCapacity: true) }
        offset = 0
        replaced = 0
    }

    /// Takes one header field. Those of trailers say nothing.
    ///
    /// - Returns: `true` for `authorization`, which is not kept.
    @discardableResult
    package mutating func field(
        name: Span<UInt8>, value: Span<UInt8>, routing: RoutingTable, limits: CallLimits
    ) -> Bool {
        guard phase == .fields else { return false }
        return head.add(name: name, value: value, routing: routing, limits: limits)
    }

    /// The header section is complete.
    package mutating func fieldsEnded(routing: RoutingTable, limits: CallLimits) -> RequestHead.Verdict {
        let verdict = head.verdict(limits: limits)
        guard case .call(let method) = verdict else {
            phase = .over
            return verdict
        }
        self.method = method
        phase = routing.methods[method].kind == .unary ? .collecting : .streaming
        return verdict
    }

    /// Bytes that wait in memory for the rest of a request, or for the handler to ask.
    package var bufferedByteCount: Int { buffer.count - offset }

    /// What came of bytes of the body.
    package struct Received {
        /// Refuses the call. It comes as soon as a prefix is wrong: no memory is taken for a message that is too large.
        package var fault: Status?
        /// Bytes in memory before and after.
        package var before: Int
        package var after: Int
    }

    /// Takes bytes of the body.
    package mutating func receive(_ bytes: Span<UInt8>, limits: CallLimits) -> Received {
        let before = bufferedByteCount
        let fault = store(bytes, limits)
        return Received(fault: fault, before: before, after: bufferedByteCount)
    }

    private mutating func store(_ bytes: Span<UInt8>, _ limits: CallLimits) -> Status? {
        guard phase == .collecting || phase == .streaming else { return nil }
        if phase == .collecting, let end = messageEnd {
            // The request is complete or its length is known: what goes beyond it is only counted.
            let room = max(0, end - buffer.count)
            let kept = min(room, bytes.count)
            buffer.append(copying: bytes.extracting(0..<kept))
            excess += bytes.count - kept
            return nil
        }
        buffer.append(copying: bytes)
        guard let fault = prefixFault(limits) else {
            if phase == .collecting, let end = messageEnd, buffer.count > end {
                excess = buffer.count - end
                buffer.removeLast(excess)
            }
            return nil
        }
        return fault
    }

    /// Where the first message that is not yet handed on ends in `buffer`, once its prefix is there.
    private var messageEnd: Int? {
        guard buffer.count - offset >= MessagePrefix.byteCount else { return nil }
        return offset + MessagePrefix.byteCount + prefix.length
    }

    /// The prefix of the first message that is not yet handed on; only once it is there.
    private var prefix: (flag: UInt8, length: Int) {
        (buffer[offset], Int(buffer.span.bigEndian32(at: offset + 1)))
    }

    private func prefixFault(_ limits: CallLimits) -> Status? {
        guard buffer.count - offset >= MessagePrefix.byteCount else { return nil }
        let (flag, length) = prefix
        if flag == MessagePrefix.plainFlag, length <= limits.messageMax { return nil }
        do throws(FrameError) {
            let isCompressed = try MessagePrefix.isCompressed(flag: flag, takesCompressed: head.encoding != .identity)
            if isCompressed, head.encoding == nil {
                return Status(.unimplemented, "grpc-encoding: only \(MessageEncoding.accepted) are supported")
            }
            try MessagePrefix.check(length: length, limit: limits.messageMax)
        } catch {
            return Status(error, of: "the request message")
        }
        return nil
    }

    /// What to do at the end of the peer's side.
    package enum EndVerdict: Equatable {
        /// Run the unary method on `request`.
        case invoke
        /// Tell the handler of the streamed call, after the last request.
        case halfClose
        case refuse(Status)
        /// The call is over already.
        case ignore
    }

    /// The peer sends no more.
    package mutating func endOfStream() -> EndVerdict {
        isHalfClosed = true
        switch phase {
        case .fields, .answering, .over: return .ignore
        case .streaming:
            return .halfClose
        case .collecting:
            guard let status = unaryFault else {
                phase = .answering
                return .invoke
            }
            phase = .over
            return .refuse(status)
        }
    }

    /// Why what was gathered is not exactly one message.
    private var unaryFault: Status? {
        guard !buffer.isEmpty else { return Status(.unimplemented, "the method takes one request message, none came") }
        guard let end = messageEnd, buffer.count == end else {
            return Status(.internalError, "the request ends within a message")
        }
        guard excess > 0 else { return nil }
        guard excess >= MessagePrefix.byteCount else {
            return Status(.internalError, "\(excess) bytes follow the request message")
        }
        return Status(.unimplemented, "the method takes one request message, more came")
    }

    /// Takes out the unary request, with its prefix; valid after `invoke`. `giveBack` returns its memory.
    package mutating func takeRequest() -> [UInt8] {
        var request: [UInt8] = []
        swap(&request, &buffer)
        return request
    }

    /// The unary request has been handed on: its memory serves the next call.
    package mutating func giveBack(_ request: consuming [UInt8]) {
        guard request.capacity <= Self.keptCapacity else { return }
        buffer = request
        buffer.removeAll(keepingCapacity: true)
    }

    /// The unary method is to be asked again, with the request that it was given.
    package mutating func putBack(_ request: consuming [UInt8]) {
        buffer = request
        isAgain = true
    }

    // MARK: Streamed requests

    /// The handler takes `count` more requests.
    package mutating func addCredit(_ count: Int) { credit += count }

    /// What comes next of a streamed call's requests.
    package enum Next: Equatable {
        /// One request, without its prefix.
        case message([UInt8])
        /// One request as its prefix announced it: compressed, by the encoding that the call names.
        case compressed([UInt8])
        /// More bytes, or more credit, are needed.
        case wait
        /// No request follows.
        case end
        case refuse(Status)
    }

    /// Takes the next request out, if the handler has asked for one.
    package mutating func next(limits: CallLimits) -> Next {
        guard phase == .streaming else { return .wait }
        if let fault = prefixFault(limits) { return .refuse(fault) }
        guard let end = messageEnd, end <= buffer.count else {
            guard isHalfClosed else { return .wait }
            guard buffer.count == offset else {
                return .refuse(Status(.internalError, "the request ends within a message"))
            }
            phase = .answering
            return .end
        }
        guard credit > 0 else { return .wait }
        credit -= 1
        let isCompressed = prefix.flag == MessagePrefix.compressedFlag
        let message = [UInt8](buffer[(offset + MessagePrefix.byteCount)..<end])
        offset = end
        compact()
        return isCompressed ? .compressed(message) : .message(message)
    }

    /// Whether `next` hands on a request, if it is asked.
    package var hasNext: Bool {
        guard phase == .streaming, credit > 0, let end = messageEnd else { return false }
        return end <= buffer.count
    }

    /// The peer's window may be smaller than a message: what has come of one that the handler waits for makes room for
    /// the rest of it, before it is handed on.
    ///
    /// - Parameter threshold: half of the window, from which on the peer may be held up.
    /// - Returns: bytes by which the window is to be opened now.
    package mutating func windowToOpen(from threshold: Int) -> Int {
        guard phase == .streaming, credit > 0, let end = messageEnd, end > buffer.count else { return 0 }
        let byteCount = bufferedByteCount - replaced
        guard byteCount > 0, end - offset > threshold else { return 0 }
        replaced += byteCount
        return byteCount
    }

    /// A request of so many bytes has been handed on.
    ///
    /// - Returns: bytes by which the window is to be opened now.
    package mutating func windowToOpen(forHandedOn byteCount: Int) -> Int {
        let earlier = min(replaced, byteCount)
        replaced -= earlier
        return byteCount - earlier
    }

    /// Gives back the memory of what was handed on, without moving bytes at every message.
    private mutating func compact() {
        if offset == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= Self.keptCapacity)
            offset = 0
        } else if offset > 64 << 10, offset > buffer.count / 2 {
            buffer.removeFirst(offset)
            offset = 0
        }
    }
}

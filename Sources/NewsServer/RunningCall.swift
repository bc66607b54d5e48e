internal import EventLoops
internal import GRPCCall
internal import GRPCWire
internal import HTTP2

/// A call that outlives the turn that began it: a write, or a streamed one.
struct RunningCall {
    /// Nil for a unary call.
    let handler: (any StreamHandler)?
    let generation: UInt32
    /// The reply's header section has been sent.
    var hasBegun = false
    /// Metadata that is still to go with the reply.
    var fields: ReplyFields?
    /// What the handler of a unary call said about compressing its reply.
    var compression = ReplyCompression.asConfigured
    /// How messages that are compressed are; the reply's header section has said so.
    var encoding = MessageEncoding.identity
    var deadline: TimerToken?
}

/// Where calls of one connection are answered from, on any thread. Answers reach the connection through its loop's
/// mailbox, so a handler may answer from within a callback as well.
final class ConnectionSink: CallSink {
    /// Emptied when the connection closes. A weak reference would do, but would also make every use of the connection
    /// slower: an object that was once referred to weakly counts its references beside itself.
    final class Place {
        var connection: ServerConnection?
    }

    private let place: LoopBound<Place>
    private let mailbox: LoopMailbox

    init(_ place: Place, loop: EventLoop) {
        self.place = LoopBound(place, loop: loop)
        mailbox = loop.mailbox
    }

    func deliver(_ event: CallEvent, slot: Int32, generation: UInt32) {
        mailbox.post { [place] in
            place.value.connection?.handle(event, slot: Int(slot), generation: generation)
        }
    }
}

extension ServerConnection {
    func startRunning(_ slot: Int, handler: (any StreamHandler)?) {
        var call = RunningCall(handler: handler, generation: calls[slot].generation)
        if let timeout = calls[slot].head.timeout {
            let generation = call.generation
            call.deadline = context.loop.schedule(after: .nanoseconds(timeout)) { [place] in
                let status = Status(.deadlineExceeded, "the deadline has passed")
                place.connection?.handle(.finish(status), slot: slot, generation: generation)
            }
        }
        running[slot] = call
    }

    /// Begins a call whose requests or replies are streamed.
    func open(_ slot: Int, _ method: Int) {
        let reference = CallReference(
            sink: sink, slot: Int32(slot), generation: calls[slot].generation, metadata: calls[slot].head.metadata)
        startRunning(slot, handler: context.dispatcher.open(method, reference))
    }

    /// The call is over: nothing that comes later counts.
    func endRunning(_ slot: Int) {
        guard let call = running.removeValue(forKey: slot) else { return }
        if let deadline = call.deadline { context.loop.cancel(deadline) }
        call.handler?.ended()
    }

    /// Hands requests on, as many as the handler has asked for.
    func deliver(_ slot: Int) {
        guard let handler = running[slot]?.handler else { return }
        while true {
            switch calls[slot].next(limits: limits) {
            case .message(let message):
                took(message.count + MessagePrefix.byteCount, slot)
                handler.received(message.span)
            case .compressed(let payload):
                took(payload.count + MessagePrefix.byteCount, slot)
                do throws(CompressionError) {
                    let message = try decompressed(slot, payload.span)
                    handler.receivedCompressed(message.span)
                } catch {
                    finish(slot, Status(error, of: "the request message"))
                    return
                }
            case .wait: return
            case .end:
                handler.halfClosed()
                return
            case .refuse(let status):
                finish(slot, status)
                return
            }
        }
    }

    private func send(_ slot: Int, _ message: [UInt8], _ compression: ReplyCompression) {
        guard let call = running[slot] else { return }
        if !call.hasBegun { begin(slot) }
        switch framed(message, running[slot]?.encoding ?? .identity, compression) {
        case .success(let framed): withSession { $0.send(slot, framed) }
        case .failure(let status): finish(slot, status)
        }
    }

    /// Sends the header section that comes before the first message.
    private func begin(_ slot: Int) {
        let metadata = running[slot]?.fields?.head ?? Metadata()
        let encoding = calls[slot].head.accepted.best
        withSession { $0.begin(slot, head: ReplyHeaders.head(metadata, encoding)) }
        running[slot]?.hasBegun = true
        running[slot]?.encoding = encoding
    }

    /// An answer of a call that may be over by now.
    func handle(_ event: CallEvent, slot: Int, generation: UInt32) {
        guard let call = running[slot], call.generation == generation else { return }
        switch event {
        case .reply(let message):
            send(slot, message, call.compression)
            finish(slot, .ok)
        case .message(let message, let compression): send(slot, message, compression)
        case .finish(let status): finish(slot, status)
        case .request(let count):
            calls[slot].addCredit(count)
            deliver(slot)
        case .head(let metadata):
            guard !call.hasBegun else { return }
            running[slot]?.fields.add(head: metadata)
            begin(slot)
        case .trailers(let metadata): running[slot]?.fields.add(trailers: metadata)
        }
        transport.wantsToSend()
    }

    private func finish(_ slot: Int, _ status: Status) {
        guard let call = running[slot] else { return }
        end(slot)
        let status = context.detailed(status)
        if call.hasBegun || status.isOK {
            // A streamed call without messages: its trailers still follow a header section.
            if !call.hasBegun { begin(slot) }
            let trailers = ReplyHeaders.trailers(status, call.fields?.trailers ?? Metadata())
            withSession { $0.finish(slot, trailers: trailers) }
        } else {
            withSession { $0.reply(slot, headOnly: ReplyHeaders.trailersOnly(status, call.fields)) }
        }
        endRunning(slot)
    }
}

internal import EventLoops
internal import GRPCCall
internal import GRPCWire
internal import HTTP2

/// A call that outlives the turn that began it: a write, a streamed one, or one whose request is still coming in.
struct RunningCall {
    /// Nil for a unary call.
    let handler: (any StreamHandler)?
    let generation: UInt32
    /// A unary call that was handed on and will be completed.
    var isHandedOn = false
    /// Hears when nobody waits for it any more.
    var observer: (any CallObserver)?
    /// The reply's header section has been sent.
    var hasBegun = false
    /// Metadata that is still to go with the reply.
    var fields: ReplyFields?
    /// What the handler of a unary call said about compressing its reply.
    var compression = ReplyCompression.asConfigured
    /// How messages that are compressed are; the reply's header section has said so.
    var encoding = MessageEncoding.identity
    var deadline: TimerToken?
    /// Requests that are here wait for the next turn, in which they go to the handler.
    var isResuming = false

    /// Requests of one call that its handler gets at one go. A handler that takes them again after a pause finds as
    /// many as the stream's window holds, for which nobody else is to wait.
    static let deliveryCountMax = 32
}

/// A call of a connection, also after its slot has another one.
struct CallKey: Hashable {
    let slot: Int
    let generation: UInt32
}

/// Where calls of one connection are answered from, on any thread. Answers reach the connection through its loop's
/// mailbox, so a handler may answer from within a callback as well.
final class ConnectionSink: CallSink {
    /// Emptied when the connection closes. A weak reference would do, but would also make every use of the connection
    /// slower: an object that was once referred to weakly counts its references beside itself.
    final class Place {
        var connection: ServerConnection?
        /// Of unary calls that are completed later, by call: bytes of their requests. They count until then, also when
        /// the connection has long been closed.
        private var byteCounts: [CallKey: Int] = [:]
        private let handedOn: HandedOnRequests

        init(_ handedOn: HandedOnRequests) { self.handedOn = handedOn }

        func handOn(_ key: CallKey, _ byteCount: Int) {
            byteCounts[key] = byteCount
            handedOn.byteCount += byteCount
        }

        fileprivate func deliver(_ event: CallEvent, _ key: CallKey) {
            switch event {
            case .reply, .finish:
                if let byteCount = byteCounts.removeValue(forKey: key) { handedOn.byteCount -= byteCount }
            case .message, .messages, .request, .head, .trailers, .again: break
            }
            connection?.handle(event, slot: key.slot, generation: key.generation)
        }
    }

    private let place: LoopBound<Place>
    private let mailbox: LoopMailbox

    init(_ place: Place, loop: EventLoop) {
        self.place = LoopBound(place, loop: loop)
        mailbox = loop.mailbox
    }

    func deliver(_ event: CallEvent, slot: Int32, generation: UInt32) {
        mailbox.post { [place] in
            place.value.deliver(event, CallKey(slot: Int(slot), generation: generation))
        }
    }

    /// In the loop's next turn.
    fileprivate func resumeDelivery(_ key: CallKey) {
        mailbox.post { [place] in place.value.connection?.deliveryResumes(key) }
    }
}

extension ServerConnection {
    func startRunning(_ slot: Int, handler: (any StreamHandler)?) {
        var call = RunningCall(handler: handler, generation: calls[slot].generation)
        if let limit = timeLimit(slot) {
            let generation = call.generation
            call.deadline = context.loop.schedule(after: limit.duration) { [place] in
                place.connection?.expire(slot, generation, Status(.deadlineExceeded, limit.text))
            }
        }
        let earlier = running.updateValue(call, forKey: slot)
        if let timer = earlier?.deadline { context.loop.cancel(timer) }
    }

    /// A unary call that is completed later.
    func handOn(_ slot: Int, requestByteCount: Int) {
        place.handOn(CallKey(slot: slot, generation: calls[slot].generation), requestByteCount)
        if running[slot] == nil { startRunning(slot, handler: nil) }
        running[slot]?.isHandedOn = true
        running[slot]?.observer = context.call.takeObserver()
        let (fields, compression) = context.call.takeReplyExtras()
        running[slot]?.fields = fields
        running[slot]?.compression = compression
    }

    /// Sets the clock for calls that are still there after everything was sent: their requests did not come whole, or
    /// wait for their turn.
    func watchUnfinished() {
        for slot in calls.indices where running[slot] == nil {
            switch calls[slot].phase {
            case .fields, .collecting, .answering: startRunning(slot, handler: nil)
            case .streaming, .over: break
            }
        }
    }

    /// What ends the call if nothing else does first.
    private func timeLimit(_ slot: Int) -> (duration: Duration, text: String)? {
        var limits: [(duration: Duration, text: String)] = []
        if let timeout = calls[slot].head.timeout { limits.append((.nanoseconds(timeout), "the deadline has passed")) }
        if let longest = context.settings.callDurationMax {
            limits.append((longest, "the server lets no call run longer than \(longest)"))
        }
        if calls[slot].phase == .collecting || calls[slot].phase == .fields {
            limits.append((context.settings.requestTimeout, "the request did not come in time"))
        }
        return limits.min { $0.duration < $1.duration }
    }

    /// Time is over.
    private func expire(_ slot: Int, _ generation: UInt32, _ status: Status) {
        guard let call = running[slot], call.generation == generation else { return }
        cutOff(slot, status)
        transport.wantsToSend()
    }

    /// Ends a call that does not end by itself.
    func cutOff(_ slot: Int, _ status: Status) {
        switch calls[slot].phase {
        case .streaming, .answering: finish(slot, status, isCutOff: true)
        case .collecting:
            refuse(slot, status)
            endRunning(slot)
        case .over:
            // It has been answered, and the peer does not read.
            withSession { $0.reset(slot, .cancel) }
            endRunning(slot)
        case .fields: abort(.enhanceYourCalm, "header_timeout")
        }
    }

    /// Ends all calls that are left, as far as the peer still hears of it.
    func cutOffAll(_ status: Status) {
        watchUnfinished()
        for slot in running.keys.sorted() { cutOff(slot, status) }
        withSession { _ = $0.resetWaiting(.cancel) }
    }

    /// Begins a call whose requests or replies are streamed.
    func open(_ slot: Int, _ method: Int) {
        let reference = CallReference(
            sink: sink, slot: Int32(slot), generation: calls[slot].generation, metadata: calls[slot].head.metadata)
        startRunning(slot, handler: context.dispatcher.open(method, reference))
    }

    /// The call is over: nothing that comes later counts.
    ///
    /// - Parameter isCompleted: by those who work for it, and not by the peer, the clock or the server.
    func endRunning(_ slot: Int, isCompleted: Bool = false) {
        guard let call = running.removeValue(forKey: slot) else { return }
        if let deadline = call.deadline { context.loop.cancel(deadline) }
        if !isCompleted { call.observer?.abandoned() }
        call.handler?.ended()
        let goesOn = call.handler?.isWorking ?? (call.isHandedOn && !isCompleted)
        if goesOn { abandoned.insert(CallKey(slot: slot, generation: call.generation)) }
    }

    /// Calls whose streams are gone count as long as something works for them: else a peer that begins and resets calls
    /// could have any number of them running (CVE-2023-44487).
    var hasTooManyCalls: Bool {
        guard !abandoned.isEmpty, let session else { return false }
        return session.openStreamCount + abandoned.count > Int(context.settings.session.concurrentStreamsMax)
    }

    /// Hands requests on, as many as the handler has asked for; if there are many, the others in the loop's next turn.
    func deliver(_ slot: Int) {
        guard let call = running[slot], let handler = call.handler, !call.isResuming else { return }
        for _ in 0..<RunningCall.deliveryCountMax {
            if calls[slot].hasNext, !handler.takesMore { return }
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
            case .wait:
                let window = calls[slot].windowToOpen(from: Int(context.settings.session.streamWindow) / 2)
                if window > 0 { withSession { $0.consume(slot, stream: window, connection: 0) } }
                return
            case .end:
                handler.halfClosed()
                return
            case .refuse(let status):
                finish(slot, status)
                return
            }
        }
        resumeDelivery(slot)
    }

    private func resumeDelivery(_ slot: Int) {
        guard let generation = running[slot]?.generation else { return }
        running[slot]?.isResuming = true
        sink.resumeDelivery(CallKey(slot: slot, generation: generation))
    }

    fileprivate func deliveryResumes(_ key: CallKey) {
        guard running[key.slot]?.generation == key.generation else { return }
        running[key.slot]?.isResuming = false
        deliver(key.slot)
        transport.wantsToSend()
    }

    private func send(_ slot: Int, _ message: [UInt8], _ compression: ReplyCompression) {
        guard let encoding = beginReply(slot) else { return }
        switch framed(message, encoding, compression) {
        case .success(let framed): sendFramed(slot, framed)
        case .failure(let status): finish(slot, status)
        }
    }

    private func send(_ slot: Int, _ messages: [[UInt8]]) {
        guard let encoding = beginReply(slot) else { return }
        var piece: [UInt8] = []
        piece.reserveCapacity(messages.reduce(0) { $0 + MessagePrefix.byteCount + $1.count })
        for message in messages {
            switch framed(message, encoding, .asConfigured) {
            case .success(let framed): piece += framed
            case .failure(let status):
                sendFramed(slot, piece)
                return finish(slot, status)
            }
        }
        sendFramed(slot, piece)
    }

    private func sendFramed(_ slot: Int, _ bytes: [UInt8]) {
        withSession { $0.send(slot, bytes) }
        countHeldReply(slot)
    }

    /// - Returns: How the messages of a streamed call are compressed; `nil` when it is over.
    private func beginReply(_ slot: Int) -> MessageEncoding? {
        guard let call = running[slot] else { return nil }
        if !call.hasBegun { begin(slot) }
        return running[slot]?.encoding
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
        if case .again = event {
            invokeAgain(slot, generation)
            return transport.wantsToSend()
        }
        guard let call = running[slot], call.generation == generation else {
            if abandoned.isEmpty { return }
            switch event {
            case .reply, .finish: abandoned.remove(CallKey(slot: slot, generation: generation))
            case .message, .messages, .request, .head, .trailers, .again: break
            }
            return
        }
        switch event {
        case .reply(let message):
            send(slot, message(), call.compression)
            finish(slot, .ok)
        case .message(let message, let compression): send(slot, message, compression)
        case .messages(let messages): send(slot, messages)
        case .finish(let status): finish(slot, status)
        case .again: break
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

    /// - Parameter isCutOff: by the clock or the server, and not by those who work for the call.
    private func finish(_ slot: Int, _ status: Status, isCutOff: Bool = false) {
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
        endRunning(slot, isCompleted: !isCutOff)
    }
}

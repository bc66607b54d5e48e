internal import Bytes
internal import EventLoops
internal import GRPCCall
internal import GRPCWire
internal import HTTP2

/// Unary calls whose requests are complete, in the order in which they came, while their replies find no room.
struct WaitingCalls {
    struct Call {
        let slot: Int
        let generation: UInt32
        /// When its deadline passes, on the loop's clock; `.max`: never.
        let deadline: Int64
    }

    private var calls: [Call] = []
    private var head = 0

    /// Calls for which room is kept: a connection that never has more of them asks for memory once.
    private static let keptCount = 128

    /// Calls that lie in memory, with those that have been taken.
    var storedCount: Int { calls.count }

    var isEmpty: Bool { head == calls.count }

    mutating func append(_ call: Call) { calls.append(call) }

    mutating func removeFirst() -> Call? {
        guard head < calls.count else { return nil }
        let call = calls[head]
        head += 1
        if head == calls.count {
            calls.removeAll(keepingCapacity: calls.capacity <= Self.keptCount)
            head = 0
        } else if head >= Self.keptCount, head >= calls.count / 2 {
            // A queue that is never empty gives back what was taken from it all the same, and moves each call once.
            calls.removeFirst(head)
            head = 0
        }
        return call
    }
}

/// Answers of unary calls.
///
/// Replies are put together in batches that fit the processor's cache: a request that comes when the batch is full
/// waits until the batch has been framed, so a peer with a hundred requests on the way takes no more memory than one
/// batch. Replies that its flow control holds back count as well (`unsentReplyBytesMax`): who does not read is not
/// answered further.
extension ServerConnection {
    /// Runs the unary method that `slot` asks for, now or when there is room for its reply.
    func invokeInTurn(_ slot: Int) {
        if context.handedOn.byteCount > context.handedOnBytesMax, isHeavyWrite(slot) {
            return refuse(slot, tooMuchMemory: "too many requests are being worked on")
        }
        if waiting.isEmpty, context.hasRoomForReplies, readsItsReplies { return invoke(slot) }
        let timeout = calls[slot].head.timeout.map { Duration.nanoseconds($0) }
        waiting.append(
            WaitingCalls.Call(
                slot: slot, generation: calls[slot].generation, deadline: context.loop.now.adding(timeout)))
    }

    /// The peer has not left too much of what it was answered: nothing, if all peers together have left much.
    private var readsItsReplies: Bool {
        guard let held = session?.heldByteCount else { return false }
        return held == 0 || (held <= context.settings.unsentReplyBytesMax && context.hasRoomForUnreadReplies)
    }

    /// Runs calls that wait, as many as one batch of replies takes. `false`: the peer has to read first.
    func takeWaiting() -> Bool {
        guard readsItsReplies else { return false }
        context.makeRoomForReplies()
        while context.hasRoomForReplies, let next = waiting.removeFirst() {
            // The slot may have another stream by now.
            guard calls[next.slot].generation == next.generation, calls[next.slot].phase == .answering else { continue }
            if next.deadline <= context.loop.now {
                refuse(next.slot, Status(.deadlineExceeded, "the deadline has passed"))
            } else {
                invoke(next.slot)
            }
        }
        return true
    }

    /// Runs the unary method that `slot` asks for.
    private func invoke(_ slot: Int) {
        let arena = context.replies
        let start = arena.reserve(MessagePrefix.byteCount)
        context.call.begin(
            sink, slot: Int32(slot), generation: calls[slot].generation, isTraced: calls[slot].head.isTraced,
            isAgain: calls[slot].isAgain)
        if limits.keepsMetadata { context.call.metadata = calls[slot].head.metadata }
        let request = calls[slot].takeRequest()
        let requestByteCount = request.count
        letGo(requestByteCount)
        let outcome: UnaryOutcome
        if request[0] == MessagePrefix.plainFlag {
            let message = request.span.extracting(MessagePrefix.byteCount..<request.count)
            outcome = context.dispatcher.unary(calls[slot].method, message, context.call)
        } else {
            outcome = runCompressed(slot, request)
        }
        if case .again = outcome {
            arena.truncate(to: start)
            return keep(slot, request)
        }
        calls[slot].giveBack(request)
        switch outcome {
        case .replied:
            let count = arena.count - start - MessagePrefix.byteCount
            guard count <= context.call.plainReplyMax else {
                replyWithExtras(slot, from: start)
                return
            }
            reply(slot, from: start, MessagePrefix.plainFlag, ReplyHeaders.head, ReplyHeaders.ok)
        case .failed(let status):
            arena.truncate(to: start)
            refuse(slot, status, context.call.takeReplyExtras().fields)
        case .later:
            arena.truncate(to: start)
            handOn(slot, requestByteCount: requestByteCount)
        case .again: break
        }
    }

    /// The method is asked again when it says so. Until then the call is one whose turn has not come: it has its
    /// deadline, and may be reset.
    private func keep(_ slot: Int, _ request: consuming [UInt8]) {
        hold(request.count)
        calls[slot].putBack(request)
        guard let observer = context.call.takeObserver() else { return }
        if running[slot] == nil { startRunning(slot, handler: nil) }
        running[slot]?.observer = observer
    }

    /// Asks the unary method again, if anybody still waits for its answer.
    func invokeAgain(_ slot: Int, _ generation: UInt32) {
        guard calls.indices.contains(slot), calls[slot].generation == generation, calls[slot].phase == .answering,
            calls[slot].isAgain
        else { return }
        invokeInTurn(slot)
    }

    /// Sends the message that lies behind the room for its prefix, at `start` and up to the end of the arena.
    func reply(_ slot: Int, from start: Int, _ flag: UInt8, _ head: HeaderBlock, _ trailers: HeaderBlock) {
        let arena = context.replies
        arena.store(flag, at: start)
        arena.storeBigEndian(UInt32(arena.count - start - MessagePrefix.byteCount), at: start + 1)
        end(slot)
        if !isHoldingReplies { context.holds(self) }
        session?.reply(slot, head: head, body: start..<arena.count, trailers: trailers)
    }

    func refuse(_ slot: Int, _ status: Status, _ fields: ReplyFields? = nil) {
        end(slot)
        let status = context.detailed(status)
        session?.reply(slot, headOnly: ReplyHeaders.trailersOnly(status, fields))
    }

    func refuse(_ slot: Int, http status: Int) {
        end(slot)
        session?.reply(slot, headOnly: ReplyHeaders.http(status))
    }
}

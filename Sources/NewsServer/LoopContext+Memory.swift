internal import EventLoops
internal import GRPCCall
internal import GRPCWire
internal import HTTP2
internal import ServerLog

/// Requests of unary calls that are worked on elsewhere, on one loop.
final class HandedOnRequests {
    var byteCount = 0
}

/// What the connections of one loop have in memory together, and who gives way when that is too much: whoever holds
/// most, so that nobody else notices.
///
/// What is counted is what a peer decides about: replies that it does not read, requests that it does not end. Sums are
/// kept where the bytes are; looking at them is a comparison for each wake-up of a connection and each piece of a
/// request.
extension LoopContext {
    /// Memory of replies that peers have not read.
    private var unreadReplyByteCount: Int { sessionMemory.heldBodyByteCount + loop.heldByteCount }

    var hasRoomForUnreadReplies: Bool { unreadReplyByteCount <= settings.memory.unreadReplyBytesMax }

    /// Never called while a session works.
    func checkUnreadReplies() {
        if !hasRoomForUnreadReplies { cutOffReaders() }
    }

    private func cutOffReaders() {
        let target = Self.withSpare(settings.memory.unreadReplyBytesMax)
        for connection in sorted(\.heldReplyByteCount) {
            guard unreadReplyByteCount > target else { break }
            cutOffCount += 1
            connection.cutOff("too_many_unread_replies")
        }
        // Calls of others may have waited for the room.
        for connection in connections.values where !connection.waiting.isEmpty { connection.transport.wantsToSend() }
    }

    /// Requests that are worked on may take half of the room: the rest is for those that are still coming in.
    var handedOnBytesMax: Int { settings.memory.requestBytesMax / 2 }

    func checkRequests() {
        guard requestByteCount > settings.memory.requestBytesMax / 4 else { return }
        let max = max(settings.memory.requestBytesMax / 4, settings.memory.requestBytesMax - handedOn.byteCount)
        guard requestByteCount > max else { return }
        for connection in sorted(\.bufferedByteCount) {
            guard requestByteCount > Self.withSpare(max) else { return }
            connection.refuseBuffered()
        }
    }

    /// An eighth of the room is made at a time: connections are gone through once for it, and not for each piece.
    private static func withSpare(_ byteCount: Int) -> Int { byteCount - byteCount / 8 }

    /// Connections that hold something, those that hold most first.
    private func sorted(_ held: KeyPath<ServerConnection, Int>) -> [ServerConnection] {
        connections.values.filter { $0[keyPath: held] > 0 }.sorted { $0[keyPath: held] > $1[keyPath: held] }
    }
}

extension ServerConnection {
    /// Memory of replies that the peer has not read.
    var heldReplyByteCount: Int { (session?.heldByteCount ?? 0) + transport.heldByteCount }

    /// Ends the connection, and lets go of what it holds.
    func cutOff(_ reason: String) {
        guard let session else { return transport.close(.local) }
        session.abort(.enhanceYourCalm, reason)
        let farewell = session.takeFarewell()
        context.log.note(
            .warning, "connection cut off", from: transport.peer,
            ["reason": reason, "held": "\(heldReplyByteCount)", "cut-off-by-loop": "\(context.cutOffCount)"])
        endAllRunning()
        leave(lastWords: farewell)
        // Nothing more reaches a peer behind bytes that it does not read.
        if transport.heldByteCount > 0 { transport.close(.local) }
    }

    /// Refuses all calls whose requests lie in memory.
    func refuseBuffered() {
        let slots = calls.indices.filter { calls[$0].bufferedByteCount > 0 }
        context.log.note(
            .warning, "requests refused", from: transport.peer,
            ["reason": "the requests of all callers take too much memory", "calls": "\(slots.count)"])
        for slot in slots {
            refuse(slot, tooMuchMemory: "the requests of all callers take too much memory")
            // Nobody answers a call of a connection that is about to end; its bytes go all the same.
            end(slot)
        }
        transport.wantsToSend()
    }

    /// Whether the request is more than a call of its slot keeps anyway, and may have to be worked on elsewhere.
    func isHeavyWrite(_ slot: Int) -> Bool {
        calls[slot].bufferedByteCount > Self.lightRequestBytes
            && routing.methods[calls[slot].method].idempotency != .noSideEffects
    }

    private static let lightRequestBytes = 4096

    /// Refuses a call for want of memory. It may be tried again in a while.
    func refuse(_ slot: Int, tooMuchMemory text: String) {
        let status = Status(.resourceExhausted, "\(text); try again later")
        if calls[slot].phase == .streaming { return cutOff(slot, status) }
        end(slot)
        let head = ReplyHeaders.trailersOnly(context.detailed(status), retryMilliseconds: 1000)
        withSession { $0.reply(slot, headOnly: head) }
        endRunning(slot)
    }
}

internal import Bytes
internal import GRPCCall
internal import GRPCWire
internal import HTTP2

// What is rare about requests and replies, away from the way of a plain read: compression, metadata of a reply, and a
// reply that is too large.
extension ServerConnection {
    /// Runs a unary method on a request that came compressed.
    func runCompressed(_ slot: Int, _ request: [UInt8]) -> UnaryOutcome {
        let payload = request.span.extracting(MessagePrefix.byteCount..<request.count)
        do throws(CompressionError) {
            let message = try decompressed(slot, payload)
            context.call.setRequestCompressed(true)
            defer { context.call.setRequestCompressed(false) }
            return context.dispatcher.unary(calls[slot].method, message.span, context.call)
        } catch {
            return .failed(Status(error, of: "the request message"))
        }
    }

    /// A message that the peer compressed as its call says.
    func decompressed(_ slot: Int, _ payload: Span<UInt8>) throws(CompressionError) -> [UInt8] {
        try context.compression.decompressed(
            payload, calls[slot].head.encoding ?? .identity, limit: context.settings.call.messageMax)
    }

    /// Sends a reply of the turn that `CallContext.plainReplyMax` does not let through as it lies. Its prefix has room
    /// at `start` of the arena.
    func replyWithExtras(_ slot: Int, from start: Int) {
        let arena = context.replies
        let (fields, compression) = context.call.takeReplyExtras()
        let count = arena.count - start - MessagePrefix.byteCount
        if let status = tooLarge(count) {
            arena.truncate(to: start)
            refuse(slot, status, fields)
            return
        }
        let encoding = calls[slot].head.accepted.best
        let isCompressed = compresses(count, encoding, compression) && compress(from: start, encoding)
        let head = ReplyHeaders.head(fields?.head ?? Metadata(), isCompressed ? encoding : .identity)
        let trailers = ReplyHeaders.trailers(.ok, fields?.trailers ?? Metadata())
        reply(
            slot, from: start, isCompressed ? MessagePrefix.compressedFlag : MessagePrefix.plainFlag, head, trailers)
    }

    /// Compresses the message behind the prefix at `start`, unless that makes it no smaller.
    private func compress(from start: Int, _ encoding: MessageEncoding) -> Bool {
        let arena = context.replies
        let body = (start + MessagePrefix.byteCount)..<arena.count
        let compressed = arena.withBytes(in: body) { context.compression.compressed($0, encoding) }
        guard compressed.count < body.count else { return false }
        arena.truncate(to: body.lowerBound)
        arena.append(compressed)
        return true
    }

    /// A reply message of a streamed call, or of one that was answered later, with its prefix.
    func framed(
        _ message: [UInt8], _ encoding: MessageEncoding, _ compression: ReplyCompression
    ) -> Result<[UInt8], Status> {
        if let status = tooLarge(message.count) { return .failure(status) }
        if compresses(message.count, encoding, compression) {
            let compressed = context.compression.compressed(message.span, encoding)
            if compressed.count < message.count, let framed = MessagePrefix.framed(compressed, isCompressed: true) {
                return .success(framed)
            }
        }
        guard let framed = MessagePrefix.framed(message) else {
            return .failure(Status(.resourceExhausted, "the reply message is larger than 4 GiB"))
        }
        return .success(framed)
    }

    private func compresses(_ count: Int, _ encoding: MessageEncoding, _ compression: ReplyCompression) -> Bool {
        guard encoding != .identity, let least = context.settings.call.compressedReplyMin else { return false }
        switch compression {
        case .asConfigured: return count >= least
        case .wanted: return true
        case .unwanted: return false
        }
    }

    private func tooLarge(_ count: Int) -> Status? {
        let limit = context.settings.call.replyMessageMax
        guard count > limit else { return nil }
        return Status(.resourceExhausted, "the reply message of \(count) bytes is larger than \(limit)")
    }
}

internal import Access
internal import EventLoops
internal import GRPCCall
internal import GRPCWire
internal import HTTP2

extension ServerConnection {
    /// Ends a call that its caller may not make, or may not make now.
    func refuse(_ slot: Int, _ refusal: AccessRefusal) {
        let status = context.status(of: refusal, from: transport.peer)
        if let call = running[slot] {
            return handle(.finish(status), slot: slot, generation: call.generation)
        }
        end(slot)
        let head = ReplyHeaders.trailersOnly(status, retryMilliseconds: refusal.retryMilliseconds)
        withSession { $0.reply(slot, headOnly: head) }
    }
}

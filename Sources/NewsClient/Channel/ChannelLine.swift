internal import EventLoops

/// How tasks reach a client's channel on its loop.
struct ChannelLine: Sendable {
    let channel: LoopBound<ClientChannel>

    /// Runs `body` on the loop, after what was posted before. `false` once the loop has stopped.
    func post(_ body: @escaping @Sendable (ClientChannel) -> Void) -> Bool {
        channel.mailbox.post { [channel] in body(channel.value) }
    }
}

/// Carries a value that belongs to one loop through other threads. They may hold it; touching it there traps.
///
/// The value is let go on its loop too, unless that has stopped.
@safe package final class LoopBound<Value>: @unchecked Sendable {
    // Sendable because every access is checked to be on the one thread.
    package let mailbox: LoopMailbox
    private var stored: Value?

    /// To be called on `loop`.
    package init(_ value: Value, loop: EventLoop) {
        loop.preconditionOnLoop()
        mailbox = loop.mailbox
        stored = value
    }

    deinit {
        guard !mailbox.isOnLoop else { return }
        let parcel = Parcel(stored.take())
        mailbox.post { parcel.empty() }
    }

    package var value: Value {
        get {
            precondition(mailbox.isOnLoop, "a loop-bound value was touched on another thread")
            guard let stored else { preconditionFailure("only deinit takes the value away") }
            return stored
        }
        set {
            precondition(mailbox.isOnLoop, "a loop-bound value was touched on another thread")
            stored = newValue
        }
    }
}

/// A value on its way home, where it is taken out: who drops the parcel last may be either thread.
@safe private final class Parcel<Content>: @unchecked Sendable {
    // Sendable because the sender does not touch it once it is posted.
    private var content: Content?

    init(_ content: consuming Content?) { self.content = content }

    func empty() { content = nil }
}

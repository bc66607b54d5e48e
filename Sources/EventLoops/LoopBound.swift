/// Carries a value that belongs to one loop through other threads. They may hold it; touching it there traps.
///
/// The value is let go on its loop too, unless that has stopped.
@safe package final class LoopBound<Value>: @unchecked Sendable {
    // Sendable because every access is checked to be on the one thread.
    package let mailbox: LoopMailbox
    private var stored: Value

    /// To be called on `loop`.
    package init(_ value: Value, loop: EventLoop) {
        loop.preconditionOnLoop()
        mailbox = loop.mailbox
        stored = value
    }

    deinit {
        guard !mailbox.isOnLoop else { return }
        let last = Parcel(content: stored)
        mailbox.post { withExtendedLifetime(last) {} }
    }

    package var value: Value {
        get {
            precondition(mailbox.isOnLoop, "a loop-bound value was touched on another thread")
            return stored
        }
        set {
            precondition(mailbox.isOnLoop, "a loop-bound value was touched on another thread")
            stored = newValue
        }
    }
}

/// A value on its last way home. Nothing reads it, so sending it is safe.
@safe private struct Parcel<Content>: @unchecked Sendable { let content: Content }

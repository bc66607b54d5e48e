internal import GRPCCall

/// Calls that wait for a stream, first come, first served. Those that are over meanwhile are passed over.
struct CallQueue {
    private var calls: [ActiveCall] = []
    private var head = 0
    /// Calls in the queue that may be over.
    private var overCount = 0

    var isEmpty: Bool { head == calls.count }

    mutating func append(_ call: ActiveCall) { calls.append(call) }

    /// The first that is not over.
    mutating func popFirst() -> ActiveCall? {
        while head < calls.count {
            let call = calls[head]
            head += 1
            if head == calls.count { removeAll() }
            if !call.machine.isOver { return call }
        }
        return nil
    }

    /// One of the calls has ended while it waited. Now and then those are swept, so that a server that takes no calls
    /// does not make the queue grow with calls that nobody waits for.
    mutating func noteEnded() {
        overCount += 1
        guard overCount >= 64, overCount * 2 > calls.count - head else { return }
        calls.removeSubrange(..<head)
        calls.removeAll { $0.machine.isOver }
        head = 0
        overCount = 0
    }

    /// Empties the queue.
    mutating func takeAll() -> [ActiveCall] {
        defer { removeAll() }
        return calls[head...].filter { !$0.machine.isOver }
    }

    private mutating func removeAll() {
        calls = []
        head = 0
        overCount = 0
    }
}

/// Calls that wait for a stream, first come, first served. Those that are over meanwhile are passed over.
struct CallQueue {
    private var calls: [ActiveCall] = []
    private var head = 0
    /// Calls in the queue that may be over.
    private var overCount = 0

    mutating func append(_ call: ActiveCall) { calls.append(call) }

    /// Whether a call waits that is not over.
    mutating func hasWaiting() -> Bool {
        while head < calls.count, calls[head].isOver { head += 1 }
        if head == calls.count { removeAll() }
        return head < calls.count
    }

    /// The first that is not over.
    mutating func popFirst() -> ActiveCall? {
        guard hasWaiting() else { return nil }
        defer { head += 1 }
        return calls[head]
    }

    /// Takes those out that fail when there is no connection.
    mutating func takeImpatient() -> [ActiveCall] {
        let waiting = calls[head...].filter { !$0.isOver }
        removeAll()
        calls = waiting.filter(\.request.waitsForReady)
        return waiting.filter { !$0.request.waitsForReady }
    }

    /// One of the calls has ended while it waited. Now and then those are swept, so that a server that takes no calls
    /// does not make the queue grow with calls that nobody waits for.
    mutating func noteEnded() {
        overCount += 1
        guard overCount >= 64, overCount * 2 > calls.count - head else { return }
        calls.removeSubrange(..<head)
        calls.removeAll(where: \.isOver)
        head = 0
        overCount = 0
    }

    mutating func removeAll() {
        calls.removeAll(keepingCapacity: calls.count <= 64)
        head = 0
        overCount = 0
    }
}

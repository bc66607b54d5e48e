/// The messages of a call, kept so that they can be sent again on another stream.
///
/// Until the call is committed: its answer has begun, or more was sent than is kept. From then on messages are only
/// passed on.
package struct ReplayBuffer: Sendable {
    private let limit: Int
    private var messages: [[UInt8]] = []
    private var byteCount = 0
    private var isUnderWay = false
    /// The call can no longer be sent again.
    package private(set) var isCommitted = false

    /// - Parameter limit: most bytes kept of what has been sent.
    package init(limit: Int) { self.limit = limit }

    /// The caller has sent one more. It is kept until it has a stream, and while it may have to be sent again.
    package mutating func append(_ bytes: [UInt8]) {
        guard !isUnderWay || !isCommitted else { return }
        messages.append(bytes)
        byteCount += bytes.count
        if isUnderWay { commitIfFull() }
    }

    /// The call has a stream: returns what is to be sent on it now.
    package mutating func begin() -> [[UInt8]] {
        let waiting = messages
        isUnderWay = true
        if isCommitted { drop() } else { commitIfFull() }
        return waiting
    }

    /// The stream is gone, and the call waits for another one.
    package mutating func interrupt() { isUnderWay = false }

    /// The call stays with its stream.
    package mutating func commit() {
        isCommitted = true
        if isUnderWay { drop() }
    }

    private mutating func commitIfFull() {
        if byteCount > limit { commit() }
    }

    private mutating func drop() {
        messages = []
        byteCount = 0
    }
}

internal import EventLoops
internal import GRPCCall
internal import GRPCWire

/// What a task asks for when it begins a call.
struct CallRequest: Sendable {
    var method: RPCMethod
    /// `nil`: no deadline.
    var timeout: Duration?
    var metadata: Metadata
    /// How messages that are compressed are.
    var encoding = MessageEncoding.identity
    /// The only message of a call that sends one, with its prefix: nothing follows it.
    var message: [UInt8]?
    /// Waits for a connection while none can be had.
    var waitsForReady = false
    /// `nil`: the call may not be repeated.
    var retryPolicy: RetryPolicy?
}

/// One call on its loop, from the moment a task began it until it is over.
final class ActiveCall {
    let exchange: CallExchange
    let request: CallRequest
    /// Loop time at which the call is over, in nanoseconds.
    let deadline: Int64
    var deadlineTimer: TimerToken?
    /// The try under way. `nil` while the call waits for a stream or for its next try.
    var attempt: CallAttempt?
    var retry: CallRetry
    var retryTimer: TimerToken?
    /// How the last try failed.
    var lastFailure: String?
    var outgoing: ReplayBuffer
    private(set) var isOver = false
    /// The task sends no more messages.
    var isFinished = false
    /// Bytes that the task has given since the beginning.
    private(set) var givenByteCount = 0

    /// Bytes of a streaming call's messages that are kept to be sent again. One that sends one message always keeps it.
    private static let replayByteCountMax = 256 << 10

    init(_ request: CallRequest, exchange: CallExchange, now: Int64) {
        self.exchange = exchange
        self.request = request
        let (deadline, overflow) = now.addingReportingOverflow(request.timeout?.clampedNanoseconds ?? .max)
        self.deadline = overflow ? .max : deadline
        retry = CallRetry(policy: request.retryPolicy)
        outgoing = ReplayBuffer(limit: request.message == nil ? Self.replayByteCountMax : .max)
        if let message = request.message {
            give(message)
            isFinished = true
        }
    }

    /// The task gives bytes to be sent.
    func give(_ bytes: [UInt8]) {
        outgoing.append(bytes)
        givenByteCount += bytes.count
    }

    /// The server has accepted the call: what comes now is given to the task, so it cannot be tried again.
    func answerBegan(_ metadata: Metadata) {
        outgoing.commit()
        exchange.began(metadata)
    }

    /// The call is over. Returns `false` when it was before.
    func end(_ error: RPCError?, trailers: Metadata = Metadata()) -> Bool {
        guard !isOver else { return false }
        isOver = true
        attempt = nil
        exchange.ended(error, trailers: trailers)
        return true
    }

    var isStreamed: Bool { request.method.kind == .serverStreaming || request.method.kind == .bidirectional }

    /// Time left, at least a nanosecond; `nil` without a deadline.
    func timeLeft(now: Int64) -> Duration? { deadline == .max ? nil : .nanoseconds(max(1, deadline - now)) }
}

@available(*, unavailable) extension ActiveCall: Sendable {}

extension RPCMethod.Kind {
    var sides: MethodKind {
        switch self {
        case .unary: .unary
        case .clientStreaming: .clientStreaming
        case .serverStreaming: .serverStreaming
        case .bidirectional: .bidirectional
        }
    }
}

extension Duration {
    /// In nanoseconds, or the most that can be counted.
    var clampedNanoseconds: Int64 { Int64(clamping: attoseconds / 1_000_000_000) }
}

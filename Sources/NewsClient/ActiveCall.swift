internal import Bytes
internal import EventLoops
internal import GRPCCall
internal import GRPCWire

/// What a task asks for when it begins a call.
struct CallRequest: Sendable {
    var method: RPCMethod
    var timeout: Duration
    var metadata: Metadata
    /// How messages that are compressed are.
    var encoding = MessageEncoding.identity
    /// The only message of a unary call, with its prefix: nothing follows it.
    var message: [UInt8]?
}

/// One call on its loop, from the moment a task began it until it is over.
final class ActiveCall {
    let exchange: CallExchange
    let request: CallRequest
    var machine: ClientCall
    /// Loop time at which the call is over, in nanoseconds.
    let deadline: Int64
    var timer: TimerToken?

    /// Where its stream is; `nil` while it waits for a connection.
    private(set) weak var connection: ClientConnection?
    private(set) var slot = -1
    /// What waits for the stream to be opened.
    private(set) var queued: [[UInt8]] = []
    var isFinished = false
    /// Bytes that the task has given since the beginning.
    var givenByteCount = 0
    /// Bytes of an incomplete message, and how many of them hold back flow control.
    private var partialByteCount = 0
    private var heldByteCount = 0

    init(_ request: CallRequest, exchange: CallExchange, limits: ClientCallLimits, now: Int64) {
        self.exchange = exchange
        self.request = request
        machine = ClientCall(kind: request.method.kind.sides, limits: limits)
        let (deadline, overflow) = now.addingReportingOverflow(request.timeout.clampedNanoseconds)
        self.deadline = overflow ? .max : deadline
        if let message = request.message {
            queue(message)
            isFinished = true
        }
    }

    /// Keeps bytes until there is a stream.
    func queue(_ bytes: [UInt8]) {
        queued.append(bytes)
        givenByteCount += bytes.count
    }

    /// The call has its stream. Returns what was kept for it.
    func attach(to connection: ClientConnection, slot: Int) -> [[UInt8]] {
        self.connection = connection
        self.slot = slot
        defer { queued = [] }
        return queued
    }

    /// Takes bytes of the response's body and hands whole messages on.
    ///
    /// What a message holds back of the stream's window is given back when a task takes it. Of a message larger than
    /// `heldMax` the rest is given back at once, or it could not come at all when it is larger than the window.
    /// - Parameter taken: how many bytes flow control may be told of now.
    func receive(
        _ bytes: Span<UInt8>, _ compression: MessageCompression, taken: inout Int
    ) -> ClientCallEnding? {
        let heldMax = isStreamed ? Self.heldMax : 0
        var partial = partialByteCount
        var held = heldByteCount
        var rest = bytes.count
        var free = 0
        let ending = machine.data(bytes, compression) { message, arrival in
            let size = arrival.byteCount
            rest -= size - partial
            held += size - partial
            let owed = min(held, heldMax)
            free += held - owed
            partial = 0
            held = 0
            exchange.received([UInt8](copying: message), owed: owed, wasCompressed: arrival.wasCompressed)
        }
        held += rest
        partialByteCount = partial + rest
        heldByteCount = min(held, heldMax)
        taken = free + held - heldByteCount
        return ending
    }

    private var isStreamed: Bool { request.method.kind == .serverStreaming || request.method.kind == .bidirectional }

    /// Most that one message holds back of its stream's window, in bytes. A quarter of it: nghttp2 tells the peer of
    /// what was taken once that is half of the window, which must come about while a message is incomplete.
    private static let heldMax = Int(streamWindow) / 4

    /// Bytes of one stream that may be under way.
    static let streamWindow: UInt32 = 1 << 20

    /// Time left, at least a nanosecond.
    func timeLeft(now: Int64) -> Duration { .nanoseconds(max(1, deadline - now)) }
}

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

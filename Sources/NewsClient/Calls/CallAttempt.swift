internal import Bytes
internal import GRPCCall
internal import GRPCWire

/// One try of a call: a stream of one connection. Loop-bound.
final class CallAttempt {
    let call: ActiveCall
    /// Closed, or closing, once this is `nil`.
    private(set) weak var connection: ClientConnection?
    let slot: Int
    var machine: ClientCall
    /// Bytes of the request may be on their way to the server.
    var hasLeft = false
    /// Bytes of an incomplete message, and how many of them hold back flow control.
    private var partialByteCount = 0
    private var heldByteCount = 0

    init(of call: ActiveCall, on connection: ClientConnection, slot: Int, limits: ClientCallLimits) {
        self.call = call
        self.connection = connection
        self.slot = slot
        machine = ClientCall(kind: call.request.method.kind.sides, limits: limits)
    }

    /// Takes bytes of the response's body and hands whole messages on.
    ///
    /// What a message holds back of the stream's window is given back when a task takes it. Of a message larger than
    /// `heldMax` the rest is given back at once, or it could not come at all when it is larger than the window.
    /// - Parameter taken: how many bytes flow control may be told of now.
    func receive(
        _ bytes: Span<UInt8>, _ compression: MessageCompression, taken: inout Int
    ) -> ClientCallEnding? {
        let heldMax = call.isStreamed ? Self.heldMax : 0
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
            call.exchange.received([UInt8](copying: message), owed: owed, wasCompressed: arrival.wasCompressed)
        }
        held += rest
        partialByteCount = partial + rest
        heldByteCount = min(held, heldMax)
        taken = free + held - heldByteCount
        return ending
    }

    /// Most that one message holds back of its stream's window, in bytes. A quarter of it: nghttp2 tells the peer of
    /// what was taken once that is half of the window, which must come about while a message is incomplete.
    private static let heldMax = Int(streamWindow) / 4

    /// Bytes of one stream that may be under way.
    static let streamWindow: UInt32 = 1 << 20
}

@available(*, unavailable) extension CallAttempt: Sendable {}

import GRPCCall
import GRPCWire

/// A server's call that a test may change within an expectation: those take no value that changes where it lies.
final class HeldCall {
    private var call = ServerCall()
    /// As a connection counts them.
    private(set) var bufferedByteCount = 0

    var head: RequestHead { call.head }
    var phase: ServerCall.Phase { call.phase }
    var generation: UInt32 { call.generation }

    /// A connection ends a call before its slot is used again.
    func begin() {
        bufferedByteCount -= call.end()
        call.begin()
    }

    func field(name: Span<UInt8>, value: Span<UInt8>, routing: RoutingTable, limits: CallLimits) {
        call.field(name: name, value: value, routing: routing, limits: limits)
    }

    func fieldsEnded(routing: RoutingTable, limits: CallLimits) -> RequestHead.Verdict {
        call.fieldsEnded(routing: routing, limits: limits)
    }

    func receive(_ bytes: Span<UInt8>, limits: CallLimits) -> Status? {
        let received = call.receive(bytes, limits: limits)
        bufferedByteCount += received.after - received.before
        return received.fault
    }

    func endOfStream() -> ServerCall.EndVerdict { call.endOfStream() }

    func takeRequest() -> [UInt8] {
        let request = call.takeRequest()
        bufferedByteCount -= request.count
        return request
    }

    func giveBack(_ request: [UInt8]) { call.giveBack(request) }

    func addCredit(_ count: Int) { call.addCredit(count) }

    func next(limits: CallLimits) -> ServerCall.Next {
        let next = call.next(limits: limits)
        switch next {
        case .message(let message), .compressed(let message):
            bufferedByteCount -= message.count + MessagePrefix.byteCount
        case .wait, .end, .refuse: break
        }
        return next
    }
}

import GRPCCall
import GRPCWire

/// A routing table of one method of each kind.
let routing = RoutingTable([
    MethodDescriptor(
        path: "/test.v1.Echo/Say", kind: .unary, idempotency: .noSideEffects, service: "test.v1.Echo", name: "Say",
        index: 0),
    MethodDescriptor(
        path: "/test.v1.Echo/Chat", kind: .bidirectional, idempotency: .unknown, service: "test.v1.Echo", name: "Chat",
        index: 1),
    MethodDescriptor(
        path: "/test.v1.Echo/Sum", kind: .clientStreaming, idempotency: .unknown, service: "test.v1.Echo", name: "Sum",
        index: 2),
])

/// The header fields of a well-formed call.
let goodFields = [
    (":method", "POST"), (":scheme", "http"), (":path", "/test.v1.Echo/Say"), (":authority", "localhost"),
    ("te", "trailers"), ("content-type", "application/grpc"),
]

/// A call that has got `fields`, with some replaced, added or (by nil) left out.
func call(
    _ changes: [String: String?] = [:], limits: CallLimits = CallLimits()
) -> (call: HeldCall, verdict: RequestHead.Verdict) {
    let call = HeldCall()
    call.begin()
    var fields = goodFields.filter { changes[$0.0] == nil }
    for (name, value) in changes.sorted(by: { $0.key < $1.key }) {
        if let value { fields.append((name, value)) }
    }
    for (name, value) in fields {
        call.field(
            name: Array(name.utf8).span, value: Array(value.utf8).span, routing: routing, limits: limits)
    }
    let verdict = call.fieldsEnded(routing: routing, limits: limits)
    return (call, verdict)
}

func framed(_ message: [UInt8], flag: UInt8 = 0, length: Int? = nil) -> [UInt8] {
    let length = length ?? message.count
    return [flag] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) } + message
}

extension RequestHead.Verdict {
    var code: StatusCode? {
        if case .refuse(let status) = self { return status.code }
        return nil
    }
}

internal import GRPCCall
internal import GRPCWire
internal import NewsMessages
internal import Synchronization

/// One call of WatchOperation. Who reads slowly gets the newest state each time, and misses those between.
final class OperationWatch: WatchCall {
    private let desk: OperationDesk
    let call: CallReference
    private let relay: OperationRelay
    var hasRequest = false
    private var number: Int?

    init(_ desk: OperationDesk, _ call: CallReference) {
        self.desk = desk
        self.call = call
        relay = OperationRelay(call)
        call.request(1)
    }

    func begin(_ request: WatchOperationRequest) throws(Failure) {
        number = try desk.watch(request.name) { [relay] operation in relay.tell(operation) }
    }

    func drained() { relay.drained() }

    func ended() {
        if let number { desk.unwatch(number) }
        number = nil
    }
}

/// Hands the states of an operation to its watcher at the pace at which he reads.
private final class OperationRelay: Sendable {
    private struct State {
        /// Something was sent that has not left.
        var isSending = false
        /// What is to be sent next.
        var next: Operation?
    }

    private let state = Mutex(State())
    private let call: CallReference

    init(_ call: CallReference) { self.call = call }

    func tell(_ operation: Operation) {
        state.withLock { state in
            if state.isSending { state.next = operation } else { send(operation, &state) }
        }
    }

    func drained() {
        state.withLock { state in
            state.isSending = false
            if let next = state.next { send(next, &state) }
        }
    }

    private func send(_ operation: Operation, _ state: inout State) {
        state.isSending = true
        state.next = nil
        call.send(operation.encoded())
        if operation.state != .running { call.finish(.ok) }
    }
}

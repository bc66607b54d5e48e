package import Bytes
package import GRPCWire

/// The services of a server, on one loop.
///
/// Every loop has its own, so that reads touch nothing that another thread touches. A method is known by its index in
/// the routing table. The server asks for nothing but this: it knows no service and no message.
package protocol CallDispatcher: AnyObject {
    /// Answers a unary call.
    ///
    /// - Parameter request: the request message, without its prefix. Lent for the call.
    /// - Returns: `.replied` when the reply message has been appended to `call.reply`; what was appended is dropped
    ///   with every other outcome.
    func unary(_ method: Int, _ request: Span<UInt8>, _ call: CallContext) -> UnaryOutcome

    /// Begins a call whose requests or replies are streamed.
    ///
    /// - Returns: who gets its requests. It lives until `ended`.
    func open(_ method: Int, _ call: CallReference) -> any StreamHandler

    /// The loop is about to wait: read transactions end here.
    func turnEnded()
}

/// How a unary call went on.
package enum UnaryOutcome {
    /// The reply message is in `CallContext.reply`.
    case replied
    case failed(Status)
    /// `CallContext.reference` was kept and will be completed later.
    case later
}

/// Gets what the peer sends in a streamed call, on the call's loop.
package protocol StreamHandler: AnyObject {
    /// One request message, lent for the call. Comes only while the handler has asked for more than it got, see
    /// `CallReference.request`.
    func received(_ message: Span<UInt8>)
    /// The peer sends no more requests.
    func halfClosed()
    /// All replies sent so far have left; after a pause it is time for more.
    func drained()
    /// The call is over: finished, reset by the peer, out of time, or its connection is lost. Nothing follows.
    func ended()
}

/// What a unary method may know of its call. One per loop, valid during `CallDispatcher.unary` only.
package final class CallContext {
    /// Where the reply message goes.
    package let reply: ByteArena
    /// Where the reply goes when it comes later.
    package var reference: CallReference { CallReference(sink: sink.present, slot: slot, generation: generation) }
    /// Metadata that the peer sent, without the fields that gRPC itself uses.
    package var metadata = Metadata()

    private var sink: (any CallSink)?
    private var slot: Int32 = 0
    private var generation: UInt32 = 0

    package init(reply: ByteArena) { self.reply = reply }

    /// Says which call comes next.
    package func begin(_ sink: any CallSink, slot: Int32, generation: UInt32) {
        self.sink = sink
        self.slot = slot
        self.generation = generation
    }
}

@available(*, unavailable) extension CallContext: Sendable {}

extension Optional where Wrapped == any CallSink {
    /// A context is used only after `begin`; anything else is our own mistake.
    fileprivate var present: any CallSink {
        guard let self else { preconditionFailure("a call context is used before its call begins") }
        return self
    }
}

/// Where replies of calls that outlive a turn go. Called from any thread.
package protocol CallSink: AnyObject, Sendable {
    func deliver(_ event: CallEvent, slot: Int32, generation: UInt32)
}

/// What a handler says to its call.
package enum CallEvent: Sendable {
    /// The one reply message of a unary call that succeeded, without its prefix.
    case reply([UInt8])
    /// One reply message of a streamed call, without its prefix.
    case message([UInt8])
    /// The call is over. A unary call that succeeds has `reply` instead.
    case finish(Status)
    /// The handler takes so many more requests.
    case request(Int)
}

/// A call, from any thread. Talking to one that is over changes nothing.
package struct CallReference: Sendable {
    private let sink: any CallSink
    private let slot: Int32
    private let generation: UInt32

    package init(sink: any CallSink, slot: Int32, generation: UInt32) {
        self.sink = sink
        self.slot = slot
        self.generation = generation
    }

    /// Completes a unary call.
    package func complete(_ result: Result<[UInt8], Status>) {
        switch result {
        case .success(let message): sink.deliver(.reply(message), slot: slot, generation: generation)
        case .failure(let status): sink.deliver(.finish(status), slot: slot, generation: generation)
        }
    }

    /// Sends one reply message of a streamed call.
    package func send(_ message: [UInt8]) { sink.deliver(.message(message), slot: slot, generation: generation) }

    /// Ends a streamed call.
    package func finish(_ status: Status) { sink.deliver(.finish(status), slot: slot, generation: generation) }

    /// Takes `count` more requests: flow control holds the peer back while none are asked for.
    package func request(_ count: Int) { sink.deliver(.request(count), slot: slot, generation: generation) }
}

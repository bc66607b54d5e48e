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

    /// What a status of the server itself, which no service made, tells its caller: the same with its details.
    func detailed(_ status: Status) -> Status

    /// The loop is about to wait: read transactions end here.
    func turnEnded()

    /// The turn that has just ended took so long, and waited for the disk.
    func waitedForDisk(nanoseconds: Int64)
}

extension CallDispatcher {
    package func detailed(_ status: Status) -> Status { status }
    package func waitedForDisk(nanoseconds: Int64) {}
}

/// How a unary call went on.
package enum UnaryOutcome {
    /// The reply message is in `CallContext.reply`.
    case replied
    case failed(Status)
    /// `CallContext.reference` was kept and will be completed later: once, and even if nobody waits any more, see
    /// `CallContext.observe`.
    case later
    /// Not now: `CallContext.reference` was kept, and once `CallReference.again` is called the method runs anew, with
    /// the same request. Nothing has been answered. Who observes the call hears when nobody waits for it any more.
    case again
}

/// Gets what the peer sends in a streamed call, on the call's loop.
package protocol StreamHandler: AnyObject {
    /// One request message, lent for the call. Comes only while the handler has asked for more than it got, see
    /// `CallReference.request`.
    func received(_ message: Span<UInt8>)
    /// The same of a message that came compressed. Few care.
    func receivedCompressed(_ message: Span<UInt8>)
    /// Asked before each message: `false` leaves it, and all that follow, where the peer's window holds it back, until
    /// `CallReference.request` is called again, if only for 0 more.
    var takesMore: Bool { get }
    /// The peer sends no more requests.
    func halfClosed()
    /// All replies sent so far have left; after a pause it is time for more.
    func drained()
    /// The call is over: finished, reset by the peer, out of time, or its connection is lost. Nothing follows.
    func ended()
    /// The server takes no new calls. A call that would not end by itself ends now.
    func draining()
    /// Asked after `ended`: whether something of the call goes on elsewhere all the same. If so, `CallReference.finish`
    /// says when it no longer does; until then the call counts as running, so that a peer cannot begin and reset calls
    /// faster than they end.
    var isWorking: Bool { get }
}

extension StreamHandler {
    package func draining() {}
    package var isWorking: Bool { false }
    package var takesMore: Bool { true }
}

extension StreamHandler {
    package func receivedCompressed(_ message: Span<UInt8>) { received(message) }
}

/// What a unary method may know of its call. One per loop, valid during `CallDispatcher.unary` only.
package final class CallContext {
    /// Where the reply message goes.
    package let reply: ByteArena
    /// Where the reply goes when it comes later.
    package var reference: CallReference {
        CallReference(sink: sink.present, slot: slot, generation: generation, metadata: metadata)
    }
    /// Metadata that the peer sent, without the fields that gRPC itself uses. Empty unless `CallLimits.keepsMetadata`.
    package var metadata = Metadata()
    /// Metadata that goes with the reply. Most calls have none, and the server asks no more than that.
    package private(set) var replyFields: ReplyFields?
    /// The request came compressed.
    package private(set) var isRequestCompressed = false
    /// The method has answered this call with `.again` before.
    package private(set) var isAgain = false
    /// The caller asks what its call took. Few methods say it, in a trailer.
    package private(set) var isTraced = false
    /// A reply of more bytes, or of any when this is negative, is not sent as it lies: it may be compressed, has
    /// metadata or is too large. One comparison tells them all.
    package private(set) var plainReplyMax: Int
    /// What the handler says about compressing its reply.
    package private(set) var compression = ReplyCompression.asConfigured

    private var observer: (any CallObserver)?
    private var sink: (any CallSink)?
    private var slot: Int32 = 0
    private var generation: UInt32 = 0

    private let configuredReplyMax: Int

    package init(reply: ByteArena, limits: CallLimits = CallLimits()) {
        self.reply = reply
        configuredReplyMax = min(limits.replyMessageMax, (limits.compressedReplyMin ?? .max) - 1)
        plainReplyMax = configuredReplyMax
    }

    /// Says which call comes next.
    package func begin(
        _ sink: any CallSink, slot: Int32, generation: UInt32, isTraced: Bool = false, isAgain: Bool = false
    ) {
        self.sink = sink
        self.isAgain = isAgain
        self.isTraced = isTraced
        self.slot = slot
        self.generation = generation
        plainReplyMax = configuredReplyMax
    }

    /// The request of the call that comes next came compressed, or no longer did.
    package func setRequestCompressed(_ isCompressed: Bool) { isRequestCompressed = isCompressed }

    /// Asks for the reply to be compressed, or not to be, whatever its size. It is only where the server's limits
    /// provide for compression and the caller reads it.
    package func compressReply(_ isWanted: Bool) {
        compression = isWanted ? .wanted : .unwanted
        plainReplyMax = -1
    }

    /// Has `observer` hear if nobody waits any more for a call that is answered later, or again.
    package func observe(_ observer: any CallObserver) { self.observer = observer }

    /// The call was answered with `.later` or `.again`.
    package func takeObserver() -> (any CallObserver)? {
        defer { observer = nil }
        return observer
    }

    /// Adds metadata that the reply begins with.
    package func addHead(_ metadata: Metadata) {
        replyFields.add(head: metadata)
        plainReplyMax = -1
    }

    /// Adds metadata that the reply ends with.
    package func addTrailers(_ metadata: Metadata) {
        replyFields.add(trailers: metadata)
        plainReplyMax = -1
    }

    /// What the handler added has been sent, or is kept for a reply that comes later.
    package func takeReplyExtras() -> (fields: ReplyFields?, compression: ReplyCompression) {
        defer {
            replyFields = nil
            compression = .asConfigured
        }
        return (replyFields, compression)
    }
}

/// What a handler says about compressing a reply.
package enum ReplyCompression: Hashable, Sendable {
    /// By size, as `CallLimits.compressedReplyMin` says.
    case asConfigured
    case wanted
    case unwanted
}

/// Hears that nobody waits any more for a unary call: its peer reset it, its deadline passed, its connection is lost.
/// It is to be completed all the same.
package protocol CallObserver: AnyObject, Sendable {
    /// Called at most once, on the call's loop.
    func abandoned()
}

/// Metadata of a reply: before its messages, and after them.
package struct ReplyFields: Hashable, Sendable {
    package var head = Metadata()
    package var trailers = Metadata()

    package init() {}
}

extension Optional where Wrapped == ReplyFields {
    package mutating func add(head: Metadata = Metadata(), trailers: Metadata = Metadata()) {
        var fields = self ?? ReplyFields()
        fields.head.append(head)
        fields.trailers.append(trailers)
        self = fields
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
    /// The one reply message of a unary call that succeeded, without its prefix. It is made on the call's loop, if
    /// somebody still waits for it.
    case reply(@Sendable () -> [UInt8])
    /// One reply message of a streamed call, without its prefix.
    case message([UInt8], ReplyCompression)
    /// Several of them, in their order.
    case messages([[UInt8]])
    /// The call is over. A unary call that succeeds has `reply` instead.
    case finish(Status)
    /// The handler takes so many more requests.
    case request(Int)
    /// Begins the reply of a streamed call with these fields, before its first message. Later it changes nothing.
    case head(Metadata)
    /// The unary method is to run anew, which answered `.again`.
    case again
    /// Fields for the end of the reply, beside its status.
    case trailers(Metadata)
}

/// A call, from any thread. Talking to one that is over changes nothing.
package struct CallReference: Sendable {
    private let sink: any CallSink
    private let slot: Int32
    private let generation: UInt32
    /// Metadata that the peer sent, without the fields that gRPC itself uses. Empty unless `CallLimits.keepsMetadata`.
    package let metadata: Metadata

    package init(sink: any CallSink, slot: Int32, generation: UInt32, metadata: Metadata = Metadata()) {
        self.sink = sink
        self.slot = slot
        self.generation = generation
        self.metadata = metadata
    }

    /// Completes a unary call.
    package func complete(_ result: Result<[UInt8], Status>) {
        switch result {
        case .success(let message): sink.deliver(.reply({ message }), slot: slot, generation: generation)
        case .failure(let status): sink.deliver(.finish(status), slot: slot, generation: generation)
        }
    }

    /// Completes a unary call with a reply message that is made on its loop, if somebody still waits for it then: one
    /// thread may complete the calls of many loops.
    package func complete(making message: @escaping @Sendable () -> [UInt8]) {
        sink.deliver(.reply(message), slot: slot, generation: generation)
    }

    /// Has a unary method run anew that answered `.again`, unless nobody waits any more.
    package func again() { sink.deliver(.again, slot: slot, generation: generation) }

    /// Sends one reply message of a streamed call.
    package func send(_ message: [UInt8], _ compression: ReplyCompression = .asConfigured) {
        sink.deliver(.message(message, compression), slot: slot, generation: generation)
    }

    /// Sends several, which costs the loop little more than one.
    package func send(_ messages: [[UInt8]]) {
        sink.deliver(.messages(messages), slot: slot, generation: generation)
    }

    /// Begins the reply of a streamed call, before its first message.
    package func begin(_ metadata: Metadata) { sink.deliver(.head(metadata), slot: slot, generation: generation) }

    /// Adds fields that go with the end of the call, which is still to come.
    package func addTrailers(_ metadata: Metadata) {
        sink.deliver(.trailers(metadata), slot: slot, generation: generation)
    }

    /// Ends a streamed call.
    package func finish(_ status: Status) { sink.deliver(.finish(status), slot: slot, generation: generation) }

    /// Takes `count` more requests: flow control holds the peer back while none are asked for.
    package func request(_ count: Int) { sink.deliver(.request(count), slot: slot, generation: generation) }
}

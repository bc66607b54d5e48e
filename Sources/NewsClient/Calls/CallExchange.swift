internal import GRPCCall
internal import GRPCWire
internal import Synchronization

/// What a call's tasks and its loop share: messages that have come and not been taken, bytes that have been given and
/// not left, and how the call ended. Either side wakes the other, and neither waits while it holds the lock.
final class CallExchange: MessageStream {
    private struct State {
        var messages: [(bytes: [UInt8], owed: Int, wasCompressed: Bool)] = []
        /// Of the message that was taken last.
        var lastWasCompressed = false
        var head = 0
        /// Fields before the first message; `nil` until they have come.
        var metadata: Metadata?
        /// Fields of the call's end.
        var trailers = Metadata()
        /// Set once, when the call is over. `nil` inside: it ended well.
        var ending: RPCError??
        /// Bytes of messages that were taken and not yet given back to flow control.
        var takenByteCount = 0
        /// Bytes given by `send`, and how many of them have left; both since the beginning.
        var givenByteCount = 0
        var leftByteCount = 0
        var waiting = Waiting()

        var hasMessage: Bool { head < messages.count }

        mutating func takeMessage() -> [UInt8] {
            let (bytes, owed, wasCompressed) = messages[head]
            lastWasCompressed = wasCompressed
            messages[head].bytes = []  // Its memory goes with the one who takes it.
            takenByteCount += owed
            head += 1
            if head == messages.count {
                messages.removeAll(keepingCapacity: true)
                head = 0
            }
            return bytes
        }
    }

    /// Tasks that wait.
    private struct Waiting {
        /// For a message, metadata or the end.
        var readers: [CheckedContinuation<Void, Never>] = []
        /// For bytes to leave, or the end.
        var writers: [CheckedContinuation<Void, Never>] = []
        /// For the end alone: nothing else wakes the caller of a unary method.
        var others: [CheckedContinuation<Void, Never>] = []
    }

    /// Bytes that may wait to be sent before `send` does not return.
    private static let sendAheadMax = 1 << 20
    /// Bytes taken before flow control hears of them: each time wakes the loop.
    private static let tellAfter = 16 << 10

    let identifier: UInt64
    private let line: ChannelLine
    private let requestMessageMax: Int
    private let encoding: MessageEncoding
    /// Where the caller wants to find what came beside the messages.
    private let responseMetadata: ResponseMetadata?
    private let state = Mutex(State())

    init(
        identifier: UInt64, line: ChannelLine, requestMessageMax: Int, encoding: MessageEncoding,
        responseMetadata: ResponseMetadata?
    ) {
        self.identifier = identifier
        self.line = line
        self.requestMessageMax = requestMessageMax
        self.encoding = encoding
        self.responseMetadata = responseMetadata
    }

    // MARK: The caller's side

    func send(_ message: [UInt8]) async throws(RPCError) { try await send(message, isCompressed: true) }

    func send(_ message: [UInt8], isCompressed: Bool) async throws(RPCError) {
        try throwEnding()
        try await send(framed: try framed(message, isCompressed: isCompressed))
    }

    func send(all messages: [[UInt8]]) async throws(RPCError) {
        try throwEnding()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(messages.reduce(0) { $0 + MessagePrefix.byteCount + $1.count })
        for message in messages { try append(message, isCompressed: true, to: &bytes) }
        try await send(framed: bytes)
    }

    private func send(framed bytes: [UInt8]) async throws(RPCError) {
        state.withLock { state in state.givenByteCount += bytes.count }
        post { channel, identifier in channel.send(identifier, bytes) }
        // What was handed over counts as sent; an end that comes later is for the next one who asks.
        while await waitUntilSent() { try throwEnding() }
    }

    private func throwEnding() throws(RPCError) {
        if let error = state.withLock({ $0.ending ?? nil }) { throw error }
    }

    func finish() { post { channel, identifier in channel.finish(identifier) } }

    func next() async throws(RPCError) -> [UInt8]? {
        while true {
            let (message, told, ending) = state.withLock { state in
                let message = state.hasMessage ? state.takeMessage() : nil
                let told = state.takenByteCount >= Self.tellAfter ? state.takenByteCount : 0
                if told > 0 { state.takenByteCount = 0 }
                return (message, told, state.ending)
            }
            if told > 0 { post { channel, identifier in channel.consumed(identifier, told) } }
            if let message { return message }
            if let ending {
                if let error = ending { throw error }
                return nil
            }
            await wait { state in
                state.hasMessage || state.ending != nil
            } enlist: { waiting, reader in
                waiting.readers.append(reader)
            }
        }
    }

    func metadata() async throws(RPCError) -> [MetadataField] {
        while true {
            let (metadata, ending) = state.withLock { ($0.metadata, $0.ending) }
            if let metadata { return metadata.fields.map(MetadataField.init) }
            if let ending {
                if let error = ending { throw error }
                return []
            }
            await wait { state in
                state.metadata != nil || state.ending != nil
            } enlist: { waiting, reader in
                waiting.readers.append(reader)
            }
        }
    }

    /// Whether the message that `next` returned last came compressed.
    var lastWasCompressed: Bool { state.withLock { $0.lastWasCompressed } }

    var trailers: [MetadataField] { state.withLock { $0.trailers.fields.map(MetadataField.init) } }

    /// The one answer of a call that is to have one.
    func answer() async throws(RPCError) -> [UInt8] {
        while true {
            let (message, ending) = state.withLock { state in
                let ending = state.ending
                return (ending != nil && state.hasMessage ? state.takeMessage() : nil, ending)
            }
            if let ending {
                if let error = ending { throw error }
                guard let message else { throw RPCError.local(.unimplemented, "the call ended without an answer") }
                return message
            }
            await wait { state in
                state.ending != nil
            } enlist: { waiting, task in
                waiting.others.append(task)
            }
        }
    }

    func cancel() {
        let isOver = state.withLock { $0.ending != nil }
        if !isOver { post { channel, identifier in channel.cancel(identifier) } }
    }

    /// Returns whether it waited: the state is to be looked at again.
    private func waitUntilSent() async -> Bool {
        let isFull = state.withLock { $0.ending == nil && $0.givenByteCount - $0.leftByteCount > Self.sendAheadMax }
        guard isFull else { return false }
        await wait { state in
            state.ending != nil || state.givenByteCount - state.leftByteCount <= Self.sendAheadMax
        } enlist: { waiting, writer in
            waiting.writers.append(writer)
        }
        return true
    }

    /// Waits until something changes, unless `isReady` at once. A task that is cancelled meanwhile cancels the call.
    private func wait(
        until isReady: @Sendable (borrowing State) -> Bool,
        enlist: @Sendable (inout Waiting, CheckedContinuation<Void, Never>) -> Void
    ) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if isReady(state) { return true }
                    enlist(&state.waiting, continuation)
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            cancel()
        }
    }

    private func post(_ body: @escaping @Sendable (ClientChannel, UInt64) -> Void) {
        let isAccepted = line.post { [identifier] channel in body(channel, identifier) }
        if !isAccepted { ended(.closed) }
    }

    // MARK: The loop's side

    /// A message came. `owed` bytes are given back to flow control once it is taken.
    func received(_ message: [UInt8], owed: Int, wasCompressed: Bool) {
        wakeReaders { state in state.messages.append((message, owed, wasCompressed)) }
    }

    /// The fields before the first message came.
    func began(_ metadata: Metadata) {
        responseMetadata?.fill(initial: metadata)
        wakeReaders { state in state.metadata = metadata }
    }

    /// So many bytes have left since the beginning. Who waits for that goes on once half of what waited has left, so
    /// that it can send much at a time.
    func left(_ byteCount: Int) {
        let waiting: [CheckedContinuation<Void, Never>] = state.withLock { state in
            state.leftByteCount = byteCount
            guard state.givenByteCount - byteCount <= Self.sendAheadMax / 2 else { return [] }
            defer { state.waiting.writers = [] }
            return state.waiting.writers
        }
        for continuation in waiting { continuation.resume() }
    }

    /// The call is over. Only the first word about it counts.
    func ended(_ error: RPCError?, trailers: Metadata = Metadata()) {
        let waiting = state.withLock { state in
            if state.ending == nil {
                responseMetadata?.fill(trailers: trailers)
                state.ending = .some(error)
                state.trailers = trailers
            }
            defer { state.waiting = Waiting() }
            return state.waiting.readers + state.waiting.writers + state.waiting.others
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Changes the state, then lets those look at it again who wait for what comes.
    private func wakeReaders(_ change: (inout State) -> Void) {
        let waiting = state.withLock { state in
            change(&state)
            defer { state.waiting.readers = [] }
            return state.waiting.readers
        }
        for continuation in waiting { continuation.resume() }
    }
}

extension CallExchange {
    /// A message with its prefix, compressed if the call's messages are and that makes it smaller.
    func framed(_ message: [UInt8], isCompressed: Bool = true) throws(RPCError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(MessagePrefix.byteCount + message.count)
        try append(message, isCompressed: isCompressed, to: &bytes)
        return bytes
    }

    private func append(_ message: [UInt8], isCompressed: Bool, to bytes: inout [UInt8]) throws(RPCError) {
        guard message.count <= requestMessageMax, let length = UInt32(exactly: message.count) else {
            throw .local(
                .resourceExhausted, "request message of \(message.count) bytes is larger than \(requestMessageMax)")
        }
        if isCompressed, encoding != .identity {
            // On the thread of the caller, so that the loop is not held up.
            let compressed = MessageCompression().compressed(message.span, encoding)
            if compressed.count < message.count {
                MessagePrefix.append(length: UInt32(compressed.count), isCompressed: true, to: &bytes)
                bytes += compressed
                return
            }
        }
        MessagePrefix.append(length: length, to: &bytes)
        bytes += message
    }
}

internal import GRPCWire

/// The order of one import: requests come in one after the other, are read by several threads at once, are written in
/// the order they came, and are answered in that order.
///
///     received -> reading (any thread) -> read -> writing (in order) -> answered (in order)
///
/// A plain value; whoever holds it keeps it from being used by two threads.
struct ImportStream<Plan> {
    enum Slot {
        /// Someone reads the request.
        case reading
        /// It waits for those before it to be written.
        case read(Plan)
        case writing
        case answered([UInt8])
        /// The whole call ends here.
        case failed(Status)
    }

    /// Requests that may be between receipt and answer.
    static var requestMax: Int { 8192 }
    /// Requests that are asked for at a time. More are when half of them have come.
    static var creditMax: Int { 256 }
    /// Bytes of answers that the peer may leave unread before no more requests are asked for.
    static var unreadByteMax: Int { 256 << 10 }
    /// Answers that are sent at one go. A commit may answer thousands, and others are to be sent between them.
    static var pieceMax: Int { 64 }

    private var slots: [Slot] = []
    /// Number of the first slot, counted from the first request.
    private var first = 0
    private var nextToWrite = 0
    /// Bytes of answers that have not left.
    private var unreadByteCount = 0
    private var credit = 0
    private var isWriting = false
    private var isSending = false
    private var isToBeSent = false
    private(set) var isHalfClosed = false
    private(set) var isOver = false
    /// Requests that are being read, and commands that are with the store. They outlive the call.
    private var workCount = 0
    private var isAbandoned = false
    var isWorking: Bool { workCount > 0 }

    init() {}

    /// Something begins that `endWork` is the end of.
    mutating func beginWork() { workCount += 1 }

    /// - Returns: whether the call was abandoned and this was the last that worked for it.
    mutating func endWork() -> Bool {
        workCount -= 1
        return isAbandoned && workCount == 0
    }

    /// The call is gone: nothing more is begun or answered.
    mutating func abandon() {
        end()
        isAbandoned = isWorking
    }

    /// A request came.
    ///
    /// - Returns: Its number.
    mutating func receive() -> Int {
        credit -= 1
        slots.append(.reading)
        return first + slots.count - 1
    }

    mutating func halfClose() { isHalfClosed = true }

    /// All answers so far have left.
    mutating func drained() { unreadByteCount = 0 }

    /// Nothing more is written or answered.
    mutating func end() {
        isOver = true
        slots = []
    }

    /// How many more requests to ask for now.
    private mutating func takeCredit() -> Int {
        guard !isOver, !isHalfClosed, unreadByteCount < Self.unreadByteMax else { return 0 }
        let wanted = max(0, min(Self.creditMax, Self.requestMax - slots.count) - credit)
        guard credit == 0 || wanted >= Self.creditMax / 2 else { return 0 }
        credit += wanted
        return wanted
    }

    /// A request has been read.
    mutating func finishReading(_ number: Int, _ plan: Plan) {
        guard let index = index(number), case .reading = slots[index] else { return }
        slots[index] = .read(plan)
    }

    /// The request which is to be written now, if one is and nobody else is writing. `endWriting` must follow.
    mutating func beginWriting() -> (number: Int, plan: Plan)? {
        guard !isOver, !isWriting, let index = index(nextToWrite), case .read(let plan) = slots[index] else {
            return nil
        }
        slots[index] = .writing
        isWriting = true
        defer { nextToWrite += 1 }
        return (nextToWrite, plan)
    }

    /// All writes of the request are with the store.
    mutating func endWriting() { isWriting = false }

    mutating func answer(_ number: Int, _ message: [UInt8]) { settle(number, .answered(message)) }

    mutating func fail(_ number: Int, _ status: Status) { settle(number, .failed(status)) }

    private mutating func settle(_ number: Int, _ outcome: Slot) {
        guard let index = index(number) else { return }
        switch slots[index] {
        // A request that fails before it was written must not hold back those behind it; the call ends there anyway.
        case .reading, .read, .writing: slots[index] = outcome
        case .answered, .failed: break
        }
    }

    enum Output {
        /// At most `pieceMax`.
        case messages([[UInt8]])
        case finish(Status)
        /// Ask for so many more requests.
        case request(Int)
    }

    /// What is to be said to the call now, in order, if nobody else is speaking. `endSending` must follow unless it is
    /// empty.
    mutating func beginSending() -> [Output] {
        guard !isSending else { return [] }
        var output = takeAnswers()
        let credit = takeCredit()
        if credit > 0 { output.append(.request(credit)) }
        isSending = !output.isEmpty
        return output
    }

    mutating func endSending() { isSending = false }

    /// Something is to be said, which somebody else is to say.
    ///
    /// - Returns: `false` when he has been told already.
    mutating func handOn() -> Bool {
        defer { isToBeSent = true }
        return !isToBeSent
    }

    /// He has begun.
    mutating func handedOn() { isToBeSent = false }

    private mutating func takeAnswers() -> [Output] {
        guard !isOver else { return [] }
        var answers: [[UInt8]] = []
        for slot in slots {
            guard case .answered(let message) = slot else { break }
            answers.append(message)
        }
        slots.removeFirst(answers.count)
        first += answers.count
        unreadByteCount += answers.reduce(0) { $0 + $1.count }
        var output = stride(from: 0, to: answers.count, by: Self.pieceMax).map { start in
            Output.messages(Array(answers[start...].prefix(Self.pieceMax)))
        }
        if case .failed(let status)? = slots.first {
            output.append(.finish(status))
            end()
        } else if isHalfClosed, slots.isEmpty {
            output.append(.finish(.ok))
            end()
        }
        return output
    }

    private func index(_ number: Int) -> Int? {
        let index = number - first
        return slots.indices.contains(index) ? index : nil
    }
}

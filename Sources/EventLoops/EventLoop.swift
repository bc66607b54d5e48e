internal import Bytes
internal import Threads

/// One thread's sockets, timers and jobs.
///
/// A turn is: wait for events, serve the sockets that have some, run the jobs from other threads, run the timers that
/// are due, let handlers that asked for it send, tell handlers whose connection ended, run the actions of the turn's
/// end. It is made on the thread that will run it, or on one that hands it over before `run`.
package final class EventLoop {
    /// What a slot of epoll's table stands for.
    enum Source {
        case free
        case mailbox
        case transport(Transport)
        case listener(Listener)
        case connector(Connector)
        case signals(SignalSource)
    }

    struct Slot {
        /// Grows with each use: an event that was meant for an earlier user of the slot has another one, and is
        /// dropped.
        var generation: UInt32
        var source: Source
    }

    enum Alarm {
        case action(() -> Void)
        case transport(Transport)
        case listener(Listener)
        case connector(Connector)
    }

    package let configuration: Configuration
    package let mailbox: LoopMailbox
    /// Monotonic nanoseconds, read once a turn.
    package internal(set) var now: Int64

    let epoll: Epoll
    var slots: [Slot] = []
    var freeSlots: [Int] = []
    var timers: TimerWheel<Alarm>
    var isStopping = false
    var mailboxHasJobs = false
    private var spentJobs: [LoopMailbox.Job] = []
    private var turnEndActions: [() -> Void] = []
    private var diskWaitActions: [(_ nanoseconds: Int64) -> Void] = []
    /// Of the thread, when it was asked last.
    private var majorFaultCount = 0

    /// Lent to every handler in turn; no connection owns a buffer while it is idle.
    let input: ReceiveBuffer
    let output: ByteArena
    /// Buffers of connections that had bytes waiting, kept for the next such connection.
    var spareBuffers: [ByteArena] = []
    /// Given up to accept, and refuse, a connection when there is no other descriptor.
    var reserve: Descriptor?

    /// The transport whose `received` runs: it is asked for bytes right after.
    var current: Transport?
    var ready: [Transport] = []
    var spentReady: [Transport] = []
    var ended: [(transport: Transport, reason: CloseReason)] = []
    var results: [(done: (Result<Transport, LoopError>) -> Void, result: Result<Transport, LoopError>)] = []

    /// Connections, with those that linger.
    package internal(set) var transportCount = 0

    package let turnTimes = TurnTimes()
    /// When the last turn ended: close enough to the beginning of the next wait.
    private var turnEnd: Int64

    /// Memory of bytes that no socket has taken yet, over all connections.
    package internal(set) var heldByteCount = 0

    package init(configuration: Configuration = Configuration()) throws(LoopError) {
        self.configuration = configuration
        now = configuration.clock()
        turnEnd = now
        timers = TimerWheel(now: now)
        epoll = try Epoll()
        mailbox = try LoopMailbox()
        input = ReceiveBuffer(byteCount: configuration.receiveByteCountMax)
        output = ByteArena(capacity: configuration.fillByteCountMax)
        reserve = try? Descriptor.placeholder()
        _ = try watch(.mailbox, mailbox.number, for: .input)
    }

    // MARK: Life

    /// Serves until `stop`. Then runs the jobs that wait, and closes everything.
    package func run() {
        mailbox.adopt()
        turnEnd = configuration.clock()
        while !isStopping { turn() }
        shutDown()
    }

    /// Lets `run` return after this turn.
    package func stop() {
        preconditionOnLoop()
        isStopping = true
    }

    package func preconditionOnLoop() {
        precondition(mailbox.isOnLoop, "this belongs to a loop and was touched on another thread")
    }

    /// Runs `action` at the end of every turn from now on, before the next wait.
    package func onTurnEnd(_ action: @escaping () -> Void) { turnEndActions.append(action) }

    /// Runs `action` after every turn from now on that was long and had to wait for pages from the disk, with what the
    /// turn took.
    package func onDiskWait(_ action: @escaping (_ nanoseconds: Int64) -> Void) { diskWaitActions.append(action) }

    // MARK: Timers

    /// Runs `action` once, at the earliest after `duration`, at the latest a tick (8.4 ms) and a turn later.
    @discardableResult package func schedule(after duration: Duration, _ action: @escaping () -> Void) -> TimerToken {
        // Not `now`: the turn may have lasted for a while, and a timer never fires early.
        timers.schedule(at: configuration.clock().saturatingAdd(duration.nanoseconds), .action(action))
    }

    /// Forgets a timer. One that has run, or was cancelled, does no harm.
    package func cancel(_ token: TimerToken) { timers.cancel(token) }

    // MARK: Signals

    /// Calls `handler` on this loop for each of `signals` that the process gets.
    package func onSignals(_ signals: [Signal], _ handler: @escaping (Signal) -> Void) throws(LoopError) {
        let source = try SignalSource(signals, handler)
        _ = try watch(.signals(source), source.number, for: .input)
    }

    // MARK: Turns

    private func turn() {
        let count = epoll.wait(milliseconds: waitLimit())
        now = configuration.clock()
        for index in 0..<count {
            let event = epoll.event(at: index)
            dispatch(event.tag, event.readiness)
        }
        if mailboxHasJobs { runJobs() }
        while let alarm = timers.removeExpired(now: now) { ring(alarm) }
        flush()
        for action in turnEndActions { action() }
        turnEnd = configuration.clock()
        let duration = turnEnd - now
        turnTimes.note(duration)
        if duration >= configuration.longTurn { noteLongTurn(duration) }
    }

    /// A short turn does nobody harm, and beside a long one the system call is nothing.
    private func noteLongTurn(_ duration: Int64) {
        let count = configuration.majorFaults()
        guard count != majorFaultCount else { return }
        majorFaultCount = count
        for action in diskWaitActions { action(duration) }
    }

    /// How long the next wait may last, in milliseconds.
    private func waitLimit() -> Int32 {
        guard ready.isEmpty, ended.isEmpty, results.isEmpty, !mailboxHasJobs, !isStopping else { return 0 }
        guard let deadline = timers.nextDeadline else { return -1 }
        let remaining = deadline - turnEnd
        return Int32(clamping: max(0, (remaining + 999_999) / 1_000_000))
    }

    private func dispatch(_ tag: UInt64, _ readiness: Readiness) {
        let index = Int(tag & 0xFFFF_FFFF)
        guard slots[index].generation == UInt32(tag >> 32) else { return }
        switch slots[index].source {
        case .transport(let transport): serve(transport, readiness)
        case .listener(let listener): accept(from: listener)
        case .connector(let connector): finish(connector)
        case .signals(let source): source.deliver()
        case .mailbox: mailboxHasJobs = true
        case .free: break
        }
    }

    private func runJobs() {
        mailbox.acknowledge()  // Before the jobs are taken: one posted to an empty mailbox wakes the loop again.
        mailboxHasJobs = mailbox.takeJobs(into: &spentJobs, limit: configuration.jobCountMax)
        for index in spentJobs.indices { spentJobs[index]() }
        spentJobs.removeAll(keepingCapacity: true)  // What the jobs hold is let go now, not with the next batch.
    }

    private func ring(_ alarm: Alarm) {
        switch alarm {
        case .action(let action): action()
        case .transport(let transport): checkLimits(of: transport)
        case .listener(let listener): resume(listener)
        case .connector(let connector): giveUp(connector)
        }
    }

    /// Lets handlers send, then tells of connections that were made and that ended.
    func flush() {
        if !ready.isEmpty {
            swap(&ready, &spentReady)
            for transport in spentReady {
                transport.isQueued = false
                pump(transport)
            }
            spentReady.removeAll(keepingCapacity: true)
        }
        while !results.isEmpty {
            let finished = results
            results = []
            for (done, result) in finished {
                done(result)
                // A connection that is not started yet is always writable; nobody wants to hear it.
                if case .success(let transport) = result, transport.state == .new { watch(transport, for: []) }
            }
        }
        while !ended.isEmpty {
            let finished = ended
            ended = []
            for (transport, reason) in finished {
                transport.handler?.closed(reason)
                transport.handler = nil
            }
        }
    }

    private func shutDown() {
        for job in mailbox.close() { job() }
        for slot in slots {
            switch slot.source {
            case .transport(let transport): end(transport, .loopStopped)
            case .connector(let connector): giveUp(connector)
            case .listener, .signals, .mailbox, .free: break
            }
        }
        flush()
        for index in slots.indices { slots[index].source = .free }
        timers = TimerWheel(now: now)
        for action in turnEndActions { action() }
        turnEndActions = []
        diskWaitActions = []
    }

    // MARK: Slots

    /// Gives a source a slot and watches its descriptor. Returns the tag that comes with its events.
    func watch(_ source: Source, _ number: Int32, for readiness: Readiness) throws(LoopError) -> UInt64 {
        let tag = insert(source)
        do {
            try epoll.add(number, tag: tag, for: readiness)
            return tag
        } catch {
            remove(tag)
            throw error
        }
    }

    /// Gives a source a slot, and returns the tag for epoll.
    func insert(_ source: Source) -> UInt64 {
        guard let index = freeSlots.popLast() else {
            slots.append(Slot(generation: 0, source: source))
            return UInt64(slots.count - 1)
        }
        slots[index].source = source
        return UInt64(slots[index].generation) << 32 | UInt64(index)
    }

    /// Frees a slot: events that are still to come for it are dropped.
    func remove(_ tag: UInt64) {
        let index = Int(tag & 0xFFFF_FFFF)
        slots[index].source = .free
        slots[index].generation &+= 1
        freeSlots.append(index)
    }
}

@available(*, unavailable) extension EventLoop: Sendable {}

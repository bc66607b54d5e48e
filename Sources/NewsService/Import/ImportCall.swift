internal import Bytes
internal import GRPCCall
internal import GRPCWire
internal import NewsMessages
internal import NewsModel
internal import NewsStore
internal import Synchronization
internal import Threads

/// One ImportArticles call. Requests are read on the work queue, so that a large page holds back no other call.
final class ImportCall: StreamHandler, Sendable {
    private let core: ServiceCore
    private let call: CallReference
    private let stream = Mutex(ImportStream<Read>())

    /// A request that has been read, and the room that it takes until it is written.
    private struct Read {
        let plan: ImportPlan
        let share: ImportShare
    }

    init(core: ServiceCore, call: CallReference) {
        self.core = core
        self.call = call
        proceed()
    }

    func received(_ message: Span<UInt8>) {
        let bytes = [UInt8](copying: message)
        let share = core.importMemory.take(ImportMemory.weight(message), ObjectIdentifier(self))
        let number = stream.withLock { stream in
            stream.beginWork()
            return stream.receive()
        }
        let isAccepted = core.work.submit { [self] in
            read(bytes, number, share)
            endWork()
        }
        if !isAccepted {
            endWork()
            let failure = Failure(
                .unavailable, .overloaded, "too many imports run at once; try again later", retryDelay: .seconds(1))
            stream.withLock { $0.fail(number, failure.status) }
        }
        proceed()
    }

    func halfClosed() {
        stream.withLock { $0.halfClose() }
        proceed()
    }

    var takesMore: Bool {
        core.importMemory.admits(ObjectIdentifier(self)) { [call] in call.request(0) }
    }

    func drained() {
        stream.withLock { $0.drained() }
        proceed()
    }

    func ended() {
        stream.withLock { $0.abandon() }
        core.importMemory.leave(ObjectIdentifier(self))
    }

    var isWorking: Bool { stream.withLock { $0.isWorking } }

    /// Says that nothing works for the call any more, if it was abandoned and that was the last.
    private func endWork() {
        if stream.withLock({ $0.endWork() }) { call.finish(Failure(.cancelled, .cancelled, "the call is over").status) }
    }

    private func read(_ bytes: [UInt8], _ number: Int, _ share: ImportShare) {
        guard stream.withLock({ !$0.isOver }) else { return }
        do throws(Failure) {
            let store = core.store
            var plan = try ImportPlan(bytes.span, zones: core.zones, layout: store.layout, channels: store.channels)
            plan.followNamed { core.lookup.period(of: $0) }
            let read = Read(plan: plan, share: share)
            stream.withLock { $0.finishReading(number, read) }
        } catch {
            stream.withLock { $0.fail(number, error.status) }
        }
        proceed()
    }

    /// Does what can be done: hands plans to the store, sends answers, asks for more requests.
    private func proceed() {
        while let (number, read) = stream.withLock({ $0.beginWriting() }) {
            write(read.plan, read.share, number)
            stream.withLock { $0.endWriting() }
        }
        // Sent outside the lock, since the call may hand on the next request at once; one thread at a time, since the
        // order of answers counts.
        while true {
            let output = stream.withLock { $0.beginSending() }
            if output.isEmpty { return }
            for item in output {
                switch item {
                case .messages(let messages): call.send(messages)
                case .finish(let status): call.finish(status)
                case .request(let count): call.request(count)
                }
            }
            stream.withLock { $0.endSending() }
        }
    }

    /// A commit answers many requests: a thread of the work queue sends them all when all have been told.
    private func proceedAfterTelling() {
        guard stream.withLock({ $0.handOn() }) else { return }
        let job: @Sendable () -> Void = { [self] in
            stream.withLock { $0.handedOn() }
            proceed()
        }
        core.store.afterTelling { [core] in
            if !core.work.submit(isUrgent: true, job) { job() }
        }
    }

    /// One command for each shard that the request touches; the last one to be done answers.
    private func write(_ plan: ImportPlan, _ share: ImportShare, _ number: Int) {
        let pending = PendingAnswer(plan)
        for (period, items) in plan.items { write(items, period, pending, share, number) }
        if plan.items.isEmpty { stream.withLock { $0.answer(number, pending.encoded()) } }
    }

    private func write(
        _ items: [ImportItem], _ period: Period, _ pending: PendingAnswer, _ share: ImportShare, _ number: Int
    ) {
        stream.withLock { $0.beginWork() }
        let claim = items.first?.id.flatMap { core.store.claim($0, in: period) }
        let command = ImportCommand(period: period, items: items, claim: claim)
        core.store.submit(command, lane: .background) { [self] result in
            defer {
                withExtendedLifetime(share) {}
                endWork()
            }
            if case .failure(.periodsChanged) = result {
                var plan = ImportPlan(items, layout: core.store.layout)
                plan.followNamed { core.lookup.period(of: $0) }
                pending.split(into: plan.items.count)
                for (period, items) in plan.items { write(items, period, pending, share, number) }
                return
            }
            guard let answer = pending.settle(items, result) else { return }
            stream.withLock { $0.answer(number, answer) }
            proceedAfterTelling()
        }
    }
}

/// The answer to one request, filled in as its shards are written.
private final class PendingAnswer: Sendable {
    private struct State {
        var response: ImportArticlesResponse
        var openCount: Int
    }

    private let state: Mutex<State>

    init(_ plan: ImportPlan) {
        var response = ImportArticlesResponse()
        response.sequence = plan.sequence
        response.results = plan.results
        state = Mutex(State(response: response, openCount: plan.items.count))
    }

    func encoded() -> [UInt8] { state.withLock { $0.response.encoded() } }

    /// What was one shard's part is that of several now.
    func split(into count: Int) { state.withLock { $0.openCount += count - 1 } }

    /// - Returns: The encoded answer, once all shards are done.
    func settle(
        _ items: [ImportItem], _ result: Result<[ImportCommand.Outcome], StoreError>
    ) -> [UInt8]? {
        state.withLock { state in
            for (position, item) in items.enumerated() {
                let outcome: ImportCommand.Outcome =
                    switch result {
                    case .success(let outcomes): outcomes[position]
                    case .failure(let error): .failed(error)
                    }
                state.response.results[item.index].settle(outcome)
            }
            state.openCount -= 1
            return state.openCount == 0 ? state.response.encoded() : nil
        }
    }
}

extension ImportResult {
    fileprivate mutating func settle(_ outcome: ImportCommand.Outcome) {
        switch outcome {
        case .stored(let id, let kind):
            name = id.name
            self.outcome =
                switch kind {
                case .created: .created
                case .updated: .updated
                case .unchanged: .unchanged
                }
        case .failed(let error): self = ImportResult(Failure(error), line: Int(line))
        }
    }
}

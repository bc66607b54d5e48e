import GRPCWire
import NewsMessages
import NewsModel
import NewsService
import NewsStore
import Synchronization
import TestKit
import Testing
import Threads

@Suite("Operations") struct OperationDeskTests {
    private let desk = OperationDesk(clock: { Instant(microseconds: 1_795_305_600_000_000) })

    /// Work that goes on until it is told to stop, and says how it ended.
    private final class Work: Sendable {
        private struct State {
            var goesOn = true
            var progress = OperationProgress()
            var isBegun = false
        }

        private let state = Monitor(State())

        func release() { state.broadcast { $0.goesOn = false } }

        func waitForBegin() -> Bool {
            state.wait(deadline: MonotonicClock.now + 60_000_000_000) { $0.isBegun ? true : nil } ?? false
        }

        func run(_ observer: any OperationObserver) throws(Failure) -> OperationDesk.OperationOutcome {
            state.broadcast { $0.isBegun = true }
            var progress = OperationProgress()
            progress.totalCount = 10
            while true {
                progress.doneCount = min(10, progress.doneCount + 1)
                guard observer.advanced(progress) else { throw Failure(.cancelled, .cancelled, "stopped") }
                let isOver = state.wait(deadline: MonotonicClock.now + 1_000_000) { $0.goesOn ? nil : true }
                if isOver == true { return { $0.retention = RetentionResult() } }
            }
        }
    }

    /// Waits for the end of an operation, and returns it.
    private func ended(_ name: String) throws -> NewsMessages.Operation {
        let last = Monitor<NewsMessages.Operation?>(nil)
        let number = try desk.watch(name) { operation in
            if operation.state != .running { last.broadcast { $0 = operation } }
        }
        defer { desk.unwatch(number) }
        return try #require(last.wait(deadline: MonotonicClock.now + 60_000_000_000) { $0 })
    }

    @Test("run one at a time, are named by kind and time, and tell how far they have come and what came of them")
    func life() throws {
        let work = Work()
        let first = try desk.start(.retention) { observer throws(Failure) in try work.run(observer) }
        #expect(first.name == "operations/retention-20261122t000000z" && first.state == .running)
        #expect(work.waitForBegin())
        let refusal = #expect(throws: Failure.self) {
            _ = try desk.start(.backup) { _ throws(Failure) in { _ in } }
        }
        #expect(refusal?.code == .aborted && refusal?.reason == .operationRunning)
        #expect(refusal?.metadata == ["operation": first.name])
        work.release()
        let end = try ended(first.name)
        #expect(end.state == .succeeded && end.retention != nil && end.endTime != nil && end.totalCount == 10)
        #expect(try desk.operation(first.name) == end)
        // The same second.
        let next = try desk.start(.retention) { _ throws(Failure) in { _ in } }
        #expect(next.name == "operations/retention-20261122t000000z-2")
        _ = try ended(next.name)
        #expect(desk.all.map(\.name) == [next.name, first.name])
    }

    @Test("end as cancelled when they are asked to stop, and as failed with the reason when they fail")
    func endings() throws {
        let work = Work()
        let first = try desk.start(.backup) { observer throws(Failure) in try work.run(observer) }
        #expect(work.waitForBegin())
        try desk.cancel(first.name)
        let cancelled = try ended(first.name)
        #expect(cancelled.state == .cancelled && cancelled.error == nil)
        try desk.cancel(first.name)
        #expect(try desk.operation(first.name) == cancelled)

        let second = try desk.start(.backup) { _ throws(Failure) in
            throw Failure(.resourceExhausted, .storeFull, "no room")
        }
        let failed = try ended(second.name)
        #expect(failed.state == .failed && failed.error?.reason == "STORE_FULL" && failed.error?.message == "no room")
    }

    @Test("that are not known are NOT_FOUND")
    func unknown() {
        for error in [
            #expect(throws: Failure.self) { _ = try desk.operation("operations/none") },
            #expect(throws: Failure.self) { try desk.cancel("operations/none") },
            #expect(throws: Failure.self) { _ = try desk.watch("operations/none") { _ in } },
        ] {
            #expect(error?.code == .notFound && error?.reason == .operationNotFound)
        }
    }

    @Test("can follow each other at once, and are forgotten from the oldest on when there are more than 100")
    func count() throws {
        var names: [String] = []
        for _ in 0..<OperationDesk.countMax + 3 {
            let operation = try desk.start(.compaction) { _ throws(Failure) in { _ in } }
            _ = try ended(operation.name)
            names.append(operation.name)
        }
        #expect(desk.all.map(\.name) == names.suffix(OperationDesk.countMax).reversed())
    }

    @Test("end when the server closes, and none begins afterwards")
    func close() throws {
        let work = Work()
        let first = try desk.start(.backup) { observer throws(Failure) in try work.run(observer) }
        desk.close()
        #expect(try desk.operation(first.name).state == .cancelled)
        let refusal = #expect(throws: Failure.self) {
            _ = try desk.start(.backup) { _ throws(Failure) in { _ in } }
        }
        #expect(refusal?.reason == .draining)
    }
}

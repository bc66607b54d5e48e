import NewsModel
import NewsStore
import TestKit
import Testing
import Threads

@Suite("An operation that waits for another one") struct OperationGateTests {
    /// Holds its operation up until it is released.
    private final class Holder: OperationObserver {
        private let state = Monitor((isBegun: false, isReleased: false))

        func advanced(_ progress: OperationProgress) -> Bool {
            state.broadcast { $0.isBegun = true }
            return state.wait { $0.isReleased ? true : nil }
        }

        func waitForBegin() { state.wait { $0.isBegun ? () : nil } }

        func release() { state.broadcast { $0.isReleased = true } }
    }

    @Test("ends when it is cancelled, and has its turn otherwise")
    func cancelled() throws {
        let directory = try TemporaryDirectory("gate")
        let store = try StoreFixture.open(directory)
        try store.put(StoreFixture.record("20260227-a", at: StoreFixture.instant("2026-02-27")))
        let (period, limit) = (try #require(Period("2026-02")), try #require(CivilDate(parsing: "2026-03-01")))
        let holder = Holder()
        let outcome = Monitor<Result<CompactionSummary, StoreError>?>(nil)
        let thread = Thread.start(name: "compaction") {
            let result = Result { () throws(StoreError) in try store.compact(shards: [period], observer: holder) }
            outcome.broadcast { $0 = result }
        }
        holder.waitForBegin()
        for stopsAt in [1, 3] {
            #expect(throws: StoreError.cancelled) {
                try store.retain(since: limit, observer: ProgressRecorder(stopsAt: stopsAt))
            }
        }
        #expect(outcome.withLock { $0 == nil })
        let waiting = Thread.start(name: "retention") { _ = try? store.retain(since: limit) }
        holder.release()
        #expect(try outcome.wait { $0 }.get().shards.count == 1)
        thread.join()
        waiting.join()
        #expect(store.shardCount == 1 && store.articleCount == 0)
    }
}

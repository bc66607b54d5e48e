import Files
import GRPCCall
import GRPCWire
import NewsMessages
import NewsModel
import NewsService
import NewsStore
import Synchronization
import TestKit
import Testing
import Threads

/// A disk that is as slow as a test wants it.
private final class SlowDisk: Sendable {
    let time = Atomic<Int64>(0)
    /// Whether reads of other threads wait for it, each for 2 ms.
    let isSlow = Atomic(true)
    private let faultCount = Atomic(0)
    private let gate = Monitor<(isOpen: Bool, readCount: Int)>((true, 0))

    var probe: DiskProbe {
        var probe = DiskProbe()
        probe.clock = { [self] in time.load(ordering: .relaxed) }
        probe.majorFaults = { [self] in
            gate.broadcast { $0.readCount += 1 }
            gate.wait { $0.isOpen ? () : nil }
            guard isSlow.load(ordering: .relaxed) else { return faultCount.load(ordering: .relaxed) }
            time.add(2_000_000, ordering: .relaxed)
            return faultCount.add(1, ordering: .relaxed).newValue
        }
        return probe
    }

    func pass(milliseconds: Int64) { time.add(milliseconds * 1_000_000, ordering: .relaxed) }

    /// Until `letGo` no read of another thread ends.
    func hold() { gate.withLock { $0 = (false, 0) } }
    func letGo() { gate.broadcast { $0.isOpen = true } }
    /// Waits until so many reads have begun.
    func waitForReads(_ count: Int) { gate.wait { $0.readCount >= count ? () : nil } }
}

@Suite("Reads that may wait for the disk") struct ColdReadsTests {
    private let disk = SlowDisk()
    private let harness: ServiceHarness

    init() throws { harness = try ServiceHarness(disk: disk.probe) }

    private func close() {
        disk.letGo()
        harness.core.close()
        harness.close()
    }

    private func article(_ title: String, at time: String = "2026-02-27T00:00:00Z") throws -> [UInt8] {
        var request = GetArticleRequest()
        request.name = try harness.create(title, at: time).name
        return request.encoded()
    }

    /// The loop has waited for longer than is let be.
    private func makeCold() { harness.waitedForDisk(nanoseconds: 1_000_001) }

    private func get(
        _ bytes: [UInt8], _ sink: TestSink = TestSink(), isAgain: Bool = false
    ) -> Result<[UInt8], Status>? {
        harness.answer(.newsServiceGetArticle, bytes, sink, isAgain: isAgain)
    }

    @Test("are made at once until the disk has taken a hundredth of the time, and then by another thread first")
    func begins() throws {
        defer { close() }
        let bytes = try article("One")
        let answer = try #require(get(bytes)).get()
        harness.waitedForDisk(nanoseconds: 600_000)
        #expect(try get(bytes)?.get() == answer)
        disk.pass(milliseconds: 100)
        harness.waitedForDisk(nanoseconds: 600_000)
        harness.waitedForDisk(nanoseconds: 400_000)
        #expect(try get(bytes)?.get() == answer)
        harness.waitedForDisk(nanoseconds: 1)
        let sink = TestSink()
        #expect(get(bytes, sink) == nil)
        sink.waitForAgain()
        #expect(try get(bytes, sink, isAgain: true)?.get() == answer)
        #expect(try get(bytes)?.get() == answer)
        #expect(sink.againCount == 1 && sink.status == nil && sink.messages.isEmpty)
    }

    @Test("are made at once again when the disk would have taken less, and not before")
    func ends() throws {
        defer { close() }
        let requests = try (0..<4).map { try article("Article \($0)") }
        makeCold()
        disk.pass(milliseconds: 100)
        // The loop has waited within the time that is over; the next is judged by what other threads wait.
        for request in requests.prefix(2) {
            let sink = TestSink()
            #expect(get(request, sink) == nil)
            sink.waitForAgain()
            disk.pass(milliseconds: 100)
        }
        disk.isSlow.store(false, ordering: .relaxed)
        let sink = TestSink()
        #expect(get(requests[2], sink) == nil)
        sink.waitForAgain()
        disk.pass(milliseconds: 100)
        #expect(get(requests[3]) != nil)
        // What came lately is forgotten with it.
        makeCold()
        #expect(get(requests[2]) == nil)
    }

    @Test("are not made for calls that are gone by the time a thread takes them")
    func gone() throws {
        defer { close() }
        let requests = try (0..<ReadAhead.threadCount + 2).map { try article("Article \($0)") }
        makeCold()
        disk.hold()
        for request in requests.dropLast(2) { #expect(get(request) == nil) }
        disk.waitForReads(ReadAhead.threadCount)
        let (gone, last) = (TestSink(), TestSink())
        #expect(get(requests[ReadAhead.threadCount], gone) == nil)
        try #require(harness.takeObserver()).abandoned()
        #expect(get(requests[ReadAhead.threadCount + 1], last) == nil)
        disk.letGo()
        last.waitForAgain()
        harness.core.close()  // When all that was taken is done.
        #expect(gone.againCount == 0)
    }

    @Test("are made first where views are to be counted, which then are, and once")
    func views() throws {
        defer { close() }
        let name = try harness.create("One", at: "2026-02-27T00:00:00Z").name
        var (request, delta) = (RecordViewsRequest(), ViewDelta())
        (delta.name, delta.viewCount) = (name, 3)
        request.views = [delta]
        var question = GetArticleStatsRequest()
        question.name = name
        makeCold()
        for (route, bytes) in [
            (Route.engagementServiceRecordViews, request.encoded()),
            (.engagementServiceGetArticleStats, question.encoded()),
        ] {
            let sink = TestSink()
            #expect(harness.answer(route, bytes, sink) == nil)
            sink.waitForAgain()
            let answer = try #require(harness.answer(route, bytes, sink, isAgain: true)).get()
            if route == .engagementServiceRecordViews {
                #expect(try RecordViewsResponse(answer).recordedCount == 3)
                try harness.store.writeViews()
            } else {
                #expect(try ArticleStats(answer).viewCount == 3)
            }
        }
    }

    @Test("have the same answers and the same faults, whatever is asked")
    func answers() throws {
        defer { close() }
        _ = try article("One")
        let known = try article("Two")
        var absent = GetArticleRequest()
        absent.name = "articles/20260227-vvvvvvvvvvvv"
        var batch = BatchGetArticlesRequest()
        batch.names = [try GetArticleRequest(known).name, absent.name]
        var list = ListArticlesRequest()
        list.since = "2026-02"
        var changes = ListArticleChangesRequest()
        changes.pageSize = 1
        let calls: [(Route, [UInt8])] = [
            (.newsServiceGetArticle, known), (.newsServiceGetArticle, absent.encoded()),
            (.newsServiceBatchGetArticles, batch.encoded()), (.newsServiceListArticles, list.encoded()),
            (.newsServiceListArticleChanges, changes.encoded()),
        ]
        // And what cannot be decoded.
        let all = calls + calls.dropFirst().map { ($0.0, [0xFF, UInt8($0.0.rawValue)]) }
        let expected = try all.map { try #require(harness.answer($0.0, $0.1, TestSink())) }
        makeCold()
        for ((route, bytes), expected) in zip(all, expected) {
            let sink = TestSink()
            #expect(harness.answer(route, bytes, sink) == nil)
            sink.waitForAgain()
            #expect(harness.answer(route, bytes, sink, isAgain: true) == expected, "\(route)")
        }
    }

    @Test("show what the store is when they are answered, also when shards are compacted or dropped meanwhile")
    func changes() throws {
        defer { close() }
        let old = try article("Old", at: "2025-01-05T00:00:00Z")
        let kept = try article("Kept")
        let answer = try #require(get(kept)).get()
        makeCold()
        let sinks = [TestSink(), TestSink()]
        disk.hold()
        #expect(get(old, sinks[0]) == nil && get(kept, sinks[1]) == nil)
        disk.waitForReads(2)
        let limit = try #require(CivilDate(year: 2026, month: 1, day: 1))
        #expect(try harness.store.retain(since: limit).articleCount == 1)
        #expect(try harness.store.compact(shards: [.month(year: 2026, month: 2)]).skipped.isEmpty)
        disk.letGo()
        for sink in sinks { sink.waitForAgain() }
        #expect(try RefusedCall(decoding: failure(get(old, sinks[0], isAgain: true))).code == .notFound)
        #expect(try get(kept, sinks[1], isAgain: true)?.get() == answer)
    }

    private func failure(_ result: Result<[UInt8], Status>?) throws -> Status {
        guard case .failure(let status)? = result else { throw Unexpected() }
        return status
    }

    private struct Unexpected: Error {}

    @Test("are made by the loop itself when too many wait, and when the server ends")
    func tooMany() throws {
        defer { close() }
        let bytes = try article("One")
        makeCold()
        disk.hold()
        let sink = TestSink()
        var deferredCount = 0
        while get(bytes, sink) == nil, deferredCount < 10_000 { deferredCount += 1 }
        #expect((4096...4096 + ReadAhead.threadCount).contains(deferredCount))
        disk.letGo()
        harness.core.close()
        #expect(get(bytes) != nil)
    }

    @Test("are made by the loop itself when what waits is too large")
    func tooLarge() throws {
        defer { close() }
        makeCold()
        disk.hold()
        let bytes = [UInt8](repeating: 0xFF, count: 1 << 20)
        let sink = TestSink()
        var deferredCount = 0
        while get(bytes, sink) == nil, deferredCount < 100 { deferredCount += 1 }
        #expect((8...8 + ReadAhead.threadCount).contains(deferredCount))
    }
}

import LMDB
import NewsModel
import Synchronization
import TestKit
import Testing
import Threads

@testable import NewsStore

/// Shards that are committed beside each other must not show: who asks for what another one is about to commit waits.
@Suite("A round over several shards") struct CommitterTests {
    private static let months = ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06", "2026-07"]

    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory("store") }

    private func period(_ month: String) throws -> Period { try #require(Period(month)) }

    /// Serves all in one round, since the writer is held until they wait.
    private func serve<Output: Sendable>(
        _ store: Store, _ commands: [TestCommand<Output>]
    ) -> [Result<Output, StoreError>] {
        let (begun, gate) = (WaitFlag(), WaitFlag())
        let hold = TestCommand(period: .undated) { (_) throws(StoreError) in
            begun.raise()
            gate.wait()
        }
        store.submit(hold) { _ in }
        begun.wait()
        let results = Monitor<[Int: Result<Output, StoreError>]>([:])
        for (index, command) in commands.enumerated() {
            store.submit(command) { result in results.broadcast { $0[index] = result } }
        }
        gate.raise()
        return results.wait { $0.count == commands.count ? $0 : nil }.sorted { $0.key < $1.key }.map(\.value)
    }

    private func putting(_ id: String, in month: String, claim: ArticleID? = nil) throws -> TestCommand<UInt64> {
        let record = try StoreFixture.record(id, at: StoreFixture.instant(month + "-10"))
        return TestCommand(period: try period(month), claim: claim) { (shard) throws(StoreError) in
            try shard.put(record)
        }
    }

    @Test("writes each article once and gives each change a revision of its own")
    func writes() throws {
        let store = try StoreFixture.open(directory)
        var revisions: [UInt64] = []
        for round in 0..<20 {
            let commands = try Self.months.map { month in
                try putting("\(month.filter { $0 != "-" })10-round\(round)", in: month)
            }
            revisions += try serve(store, commands).map { try $0.get() }
        }
        #expect(Set(revisions).count == 20 * Self.months.count)
        #expect(try store.makeReader().ids().count == 20 * Self.months.count)
        #expect(store.context.publication.position == revisions.max())
        store.close()
        let summary = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
        #expect(summary.articleCount == 20 * Self.months.count)
    }

    @Test("gives an id that clients choose to one article, whichever shards they want it in")
    func claims() throws {
        let store = try StoreFixture.open(directory)
        for round in 0..<20 {
            let id = try StoreFixture.id("chosen-\(round)")
            let results = serve(store, try Self.months.map { try putting(id.text, in: $0, claim: id) })
            #expect(results.count { (try? $0.get()) != nil } == 1)
            for case .failure(let error) in results {
                guard case .locatedElsewhere = error else { throw error }
            }
        }
        #expect(try store.makeReader().ids().count == 20)
    }

    @Test("does what a request_id stands for once, whichever shards it comes to")
    func requests() throws {
        let store = try StoreFixture.open(directory)
        for round in 0..<20 {
            let commands = try Self.months.map { month in
                let id = "\(month.filter { $0 != "-" })10-round\(round)"
                let record = try StoreFixture.record(id, at: StoreFixture.instant(month + "-10"))
                return TestCommand(period: try period(month)) { (shard) throws(StoreError) -> Bool in
                    if shard.request("request-\(round)") != nil { return false }
                    _ = try shard.put(record)
                    try shard.remember(request: "request-\(round)", fingerprint: [1], article: record.id)
                    return true
                }
            }
            #expect(try serve(store, commands).count { try $0.get() } == 1)
        }
        #expect(try store.makeReader().ids().count == 20)
    }

    @Test(
        "tells those of the shard whose commit failed, and serves the others", arguments: months,
        [CommitFault.Moment.before, .after])
    func failure(month: String, moment: CommitFault.Moment) throws {
        let failing = try period(month)
        let isFailing = Atomic<Bool>(true)
        let store = try StoreFixture.open(directory) { options in
            options.commitFault = { [moment] at, period in
                guard at == moment, period == failing,
                    isFailing.exchange(false, ordering: .relaxed)
                else { return nil }
                return .system(code: 5)
            }
        }
        let first = serve(store, try Self.months.map { try putting("\($0.filter { $0 != "-" })10-a", in: $0) })
        for (result, other) in zip(first, Self.months) {
            switch result {
            case .success: #expect(other != month)
            case .failure(.outcomeUnknown(let period)): #expect(other == month && period == failing)
            case .failure(let error): throw error
            }
        }
        // The shard can be written again, and nobody gets a revision that was given before.
        let second = serve(store, try Self.months.map { try putting("\($0.filter { $0 != "-" })20-b", in: $0) })
        let revisions = try second.map { try $0.get() } + first.compactMap { try? $0.get() }
        #expect(Set(revisions).count == revisions.count)
        let count = Self.months.count * 2 - (moment == .before ? 1 : 0)
        #expect(try store.makeReader().ids().count == count)
        store.close()
        let summary = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
        #expect(summary.articleCount == count)
    }
}

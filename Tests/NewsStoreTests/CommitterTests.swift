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

    /// Serves the first commands in a round, and has the others come while its last shard is written.
    private func serve(
        _ store: Store, _ first: [TestCommand<UInt64>], then second: [TestCommand<UInt64>]
    ) throws -> [Result<UInt64, StoreError>] {
        let results = Monitor<[Int: Result<UInt64, StoreError>]>([:])
        let last = try #require(first.last)
        let submitting = TestCommand(period: last.period) { (shard) throws(StoreError) in
            for (index, command) in second.enumerated() {
                store.submit(command) { result in results.broadcast { $0[first.count + index] = result } }
            }
            return try last.apply(to: shard)
        }
        let firstResults = serve(store, first.dropLast() + [submitting])
        return firstResults
            + results.wait { $0.count == second.count ? $0 : nil }.sorted { $0.key < $1.key }.map(\.value)
    }

    private enum Step: Equatable {
        case applied(String)
        case committing(String)
        case shown
    }

    @Test("begins while the last commits of the one before are under way, and commits when that one has been shown")
    func overlap() throws {
        let steps = Mutex<[Step]>([])
        let store = try StoreFixture.open(directory) { options in
            options.commitFault = { moment, period in
                if moment == .before { steps.withLock { $0.append(.committing("\(period)")) } }
                return nil
            }
            options.publicationStep = { step in
                if step == .published { steps.withLock { $0.append(.shown) } }
            }
        }
        func noting(_ month: String) throws -> TestCommand<UInt64> {
            let putting = try putting("\(month.filter { $0 != "-" })10-a", in: month)
            return TestCommand(period: putting.period) { (shard) throws(StoreError) in
                steps.withLock { $0.append(.applied(month)) }
                return try putting.apply(to: shard)
            }
        }
        let results = try serve(store, try Self.months.prefix(3).map(noting), then: try Self.months[3..<5].map(noting))
        for result in results { _ = try result.get() }
        let taken = steps.withLock { $0 }
        func place(_ step: Step) throws -> Int { try #require(taken.firstIndex(of: step), "\(taken)") }
        // The command that held the writer was a round of its own, which changed nothing.
        let shown = try #require(taken.indices.filter { taken[$0] == .shown }.dropFirst().first, "\(taken)")
        #expect(try place(.committing(Self.months[2])) < place(.applied(Self.months[3])))
        #expect(try place(.applied(Self.months[3])) < shown)
        #expect(try shown < place(.committing(Self.months[3])))
    }

    @Test("is served when the one before fails, and fails alone", arguments: [0, 2], [true, false])
    func overlappingFailure(number: Int, isSame: Bool) throws {
        let failing = try period(Self.months[number])
        let isFailing = Atomic<Bool>(true)
        let store = try StoreFixture.open(directory) { options in
            options.commitFault = { at, period in
                guard at == .after, period == failing, isFailing.exchange(false, ordering: .relaxed)
                else { return nil }
                return .system(code: 5)
            }
        }
        let second = isSame ? Self.months.prefix(3) : Self.months[3..<6]
        let results = try serve(
            store, try Self.months.prefix(3).map { try putting("\($0.filter { $0 != "-" })10-a", in: $0) },
            then: try second.map { try putting("\($0.filter { $0 != "-" })20-b", in: $0) })
        for (index, result) in results.enumerated() {
            switch result {
            case .success: #expect(index != number)
            case .failure(.outcomeUnknown(let period)): #expect(index == number && period == failing)
            case .failure(let error): throw error
            }
        }
        let revisions = results.compactMap { try? $0.get() }
        #expect(Set(revisions).count == 5)
        #expect(store.context.publication.position >= revisions.max() ?? 0)
        #expect(try store.makeReader().ids().count == 6)
        store.close()
        let summary = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
        #expect(summary.articleCount == 6)
    }
}

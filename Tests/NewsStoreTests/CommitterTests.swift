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

    /// Runs `body` while the writer is busy.
    private func whileHeld(_ store: Store, _ body: () -> Void) {
        let (begun, gate) = (WaitFlag(), WaitFlag())
        let hold = TestCommand(period: .undated) { (_) throws(StoreError) in
            begun.raise()
            gate.wait()
        }
        store.submit(hold) { _ in }
        begun.wait()
        body()
        gate.raise()
    }

    /// Serves all in one round, since the writer is held until they wait.
    private func serve<Output: Sendable>(
        _ store: Store, _ commands: [TestCommand<Output>]
    ) -> [Result<Output, StoreError>] {
        let results = Monitor<[Int: Result<Output, StoreError>]>([:])
        whileHeld(store) {
            for (index, command) in commands.enumerated() {
                store.submit(command) { result in results.broadcast { $0[index] = result } }
            }
        }
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

    /// Holds the commits of some shards until it is told to let them go.
    private final class Hold: Sendable {
        private struct State {
            var held: Set<Period>
            var waiting: Set<Period> = []
        }

        private let state: Monitor<State>
        init(_ periods: [Period]) { state = Monitor(State(held: Set(periods))) }

        func wait(_ period: Period) {
            state.broadcast { $0.waiting.insert(period) }
            state.wait { $0.held.contains(period) ? nil : () }
        }

        func awaitCommit(of period: Period) { state.wait { $0.waiting.contains(period) ? () : nil } }
        func release(_ period: Period) { state.broadcast { $0.held.remove(period) } }
        func releaseAll() { state.broadcast { $0.held = [] } }
    }

    /// One who waits for a command.
    private final class Caller: Sendable {
        private let answer = Monitor<Result<UInt64, StoreError>?>(nil)
        var isAnswered: Bool { answer.withLock { $0 != nil } }

        init(_ store: Store, _ command: TestCommand<UInt64>, lane: WriteLane = .foreground) {
            store.submit(command, lane: lane) { [answer] result in answer.broadcast { $0 = result } }
        }

        @discardableResult func revision() throws -> UInt64 { try answer.wait { $0 }.get() }
    }

    private func held(
        _ months: [String], fault: (@Sendable (CommitFault.Moment, Period) -> LMDBError?)? = nil
    ) throws -> (Store, Hold) {
        let hold = Hold(try months.map(period))
        let store = try StoreFixture.open(directory) { options in
            options.commitStep = hold.wait
            options.commitFault = fault
            // Nobody is taken for gone, and no round for over, while this machine does something else.
            options.quietTime = .seconds(3600)
            options.backgroundSlice = .seconds(3600)
        }
        return (store, hold)
    }

    private func putting(first month: String) throws -> TestCommand<UInt64> {
        try putting("\(month.filter { $0 != "-" })10-a", in: month)
    }

    /// An import of one article a month whose commits are under way.
    private func importing(_ store: Store, _ hold: Hold, _ months: [String]) throws -> [Caller] {
        let commands = try months.map { try putting(first: $0) }
        var callers: [Caller] = []
        whileHeld(store) { callers = commands.map { Caller(store, $0, lane: .background) } }
        for month in months { hold.awaitCommit(of: try period(month)) }
        return callers
    }

    @Test("answers whoever waits for a shard when that one is committed, though others are not")
    func early() throws {
        let (store, hold) = try held([Self.months[0]])
        defer { hold.releaseAll() }
        let commands = try Self.months.prefix(3).map { try putting(first: $0) }
        var callers: [Caller] = []
        whileHeld(store) { callers = commands.map { Caller(store, $0) } }
        let revisions = try callers[1...].map { try $0.revision() }
        #expect(!callers[0].isAnswered)
        let reader = try store.makeReader()
        if case .found = reader.text("20260210-a").outcome {} else { Issue.record("an answered create is not read") }
        // A smaller revision is not on disk yet.
        #expect(store.context.publication.position < revisions.min() ?? 0)
        hold.releaseAll()
        try callers[0].revision()
        #expect(store.context.publication.position == revisions.max())
        #expect(try reader.ids().count == 3)
    }

    @Test("lets those in who come while an import is being committed, and shows their changes after its own")
    func lettingIn() throws {
        let (store, hold) = try held([Self.months[0]])
        defer { hold.releaseAll() }
        let imported = try importing(store, hold, [Self.months[0]])
        let created = Caller(store, try putting(first: Self.months[1]))
        #expect(try created.revision() == 2)
        #expect(!imported[0].isAnswered)
        #expect(store.context.publication.position == 0)
        // Who has been answered is shown his change by whatever he asks for next.
        let (changes, articles) = (Monitor<[UInt64]?>(nil), Monitor<[String]?>(nil))
        let asking = Thread.start(name: "asking") {
            let reader = try? store.makeReader()
            reader?.waitForTold()
            let page = try? reader?.changes(after: 0, limit: 10)
            changes.signal { $0 = page?.changes.map(\.revision) ?? [] }
            let ids = try? reader?.ids()
            articles.signal { $0 = ids ?? [] }
        }
        hold.releaseAll()
        #expect(changes.wait { $0 } == [1, 2])
        #expect(Set(articles.wait { $0 }) == ["20260110-a", "20260210-a"])
        asking.join()
        try imported[0].revision()
    }

    @Test("has pages read anew once somebody has been told of a like, though an earlier commit is under way")
    func likes() throws {
        let (store, hold) = try held([Self.months[0]])
        defer { hold.releaseAll() }
        try Caller(store, try putting(first: Self.months[1])).revision()
        let imported = try importing(store, hold, [Self.months[0]])
        let before = store.changeNumber
        let id = try StoreFixture.id("20260210-a")
        let like = TestCommand(period: try period(Self.months[1])) { (shard) throws(StoreError) -> UInt64 in
            UInt64(clamping: try shard.add(.like(by: "reader"), to: id).likes)
        }
        #expect(try Caller(store, like).revision() == 1)
        #expect(!imported[0].isAnswered && store.changeNumber != before)
        hold.releaseAll()
        try imported[0].revision()
    }

    @Test("does not forget what a shard has shown after a failure, when what was committed before is published")
    func stale() throws {
        let failing = try period(Self.months[1])
        let isFailing = Atomic<Bool>(false)
        let (store, hold) = try held([Self.months[0]]) { at, period in
            let isMeant = at == .after && period == failing && isFailing.exchange(false, ordering: .relaxed)
            return isMeant ? .system(code: 5) : nil
        }
        defer { hold.releaseAll() }
        let imported = try importing(store, hold, [Self.months[0]])
        try Caller(store, try putting("20260210-a", in: Self.months[1])).revision()
        isFailing.store(true, ordering: .relaxed)
        #expect(throws: StoreError.outcomeUnknown(failing)) {
            try Caller(store, try putting("20260210-b", in: Self.months[1])).revision()
        }
        let shown = store.context.shards.shard(failing)?.publishedTransaction.load(ordering: .acquiring)
        hold.releaseAll()
        try imported[0].revision()
        let shard = try #require(store.context.shards.shard(failing))
        #expect(shard.publishedTransaction.load(ordering: .acquiring) >= shown ?? .max)
        #expect(try store.makeReader().ids().count == 3)
        #expect(store.context.publication.position == 3)
    }

    @Test("takes everybody who comes, whatever the writer waits for")
    func everybody() throws {
        let store = try StoreFixture.open(directory)
        let told = Monitor(0)
        let threads = (0..<4).map { number in
            Thread.start(name: "caller-\(number)") {
                for index in 0..<100 {
                    let month = Self.months[(index + number) % Self.months.count]
                    let id = "\(month.filter { $0 != "-" })10-\(number)-\(index)"
                    guard let command = try? putting(id, in: month) else { continue }
                    let lane = number == 0 ? WriteLane.background : .foreground
                    store.submit(command, lane: lane) { result in
                        if (try? result.get()) != nil { told.broadcast { $0 += 1 } }
                    }
                    // Every other one comes when the one before has been answered, so that the writer is idle at times.
                    if index.isMultiple(of: 2) { told.wait { count in count > index / 2 ? () : nil } }
                }
            }
        }
        for thread in threads { thread.join() }
        told.wait { $0 == 400 ? () : nil }
        #expect(try store.makeReader().ids().count == 400)
        #expect(store.context.publication.position == 400)
    }

    @Test("has whoever comes for a shard that is being committed wait for that commit alone")
    func sameShard() throws {
        let (store, hold) = try held(Array(Self.months.prefix(2)))
        defer { hold.releaseAll() }
        let imported = try importing(store, hold, Array(Self.months.prefix(2)))
        let created = Caller(store, try putting("20260110-b", in: Self.months[0]))
        hold.release(try period(Self.months[0]))
        try created.revision()
        #expect(imported[0].isAnswered && !imported[1].isAnswered)
        hold.releaseAll()
        try imported[1].revision()
        #expect(try store.makeReader().ids().count == 3)
    }

    @Test("publishes what follows a commit that failed", arguments: [CommitFault.Moment.before, .after])
    func publication(moment: CommitFault.Moment) throws {
        let failing = try period(Self.months[0])
        let isFailing = Atomic<Bool>(true)
        let store = try StoreFixture.open(directory) { options in
            options.commitFault = { [moment] at, period in
                let isMeant = at == moment && period == failing && isFailing.exchange(false, ordering: .relaxed)
                return isMeant ? .system(code: 5) : nil
            }
        }
        let results = serve(store, try Self.months.prefix(3).map { try putting(first: $0) })
        #expect(throws: StoreError.outcomeUnknown(failing)) { try results[0].get() }
        let last = try results[1...].map { try $0.get() }.max()
        #expect(store.context.publication.position == last)
        let reader = try store.makeReader()
        reader.waitForTold()
        let changes = try reader.changes(after: 0, limit: 10).changes
        #expect(changes.count == (moment == .before ? 2 : 3) && changes.last?.revision == last)
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

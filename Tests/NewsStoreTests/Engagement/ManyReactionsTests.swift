import LMDB
import NewsModel
import NewsStore
import Synchronization
import TestKit
import Testing

/// Eight reactions, of which a transaction takes three.
@Suite("Articles with more reactions than one transaction takes") struct ManyReactionsTests {
    private static let id = "20260227-aaaa"
    private static let counted = Counters(views: 3, likes: 7, favorites: 1)

    private func open(_ path: String, _ change: (inout StoreOptions) -> Void = { _ in }) throws -> Store {
        try Store.open(
            path,
            StoreFixture.options { options in
                options.reactionPieceMax = 3
                options.recoveryInterval = .zero
                change(&options)
            })
    }

    private func period(_ text: String) throws -> Period { try #require(Period(text)) }

    private func record(_ day: String, _ id: String) throws -> ArticleRecord {
        try StoreFixture.record(id, at: StoreFixture.instant(day), full: Array("full \(day)".utf8), views: 3)
    }

    /// The article with its reactions, and one whose id begins with the same characters.
    private func fill(_ store: Store, _ id: String = Self.id) throws {
        try store.put(record("2026-02-27", id))
        try store.put(record("2026-02-27", id + "-b"))
        try store.put(StoreFixture.record("20251201-stay", at: StoreFixture.instant("2025-12-01")))
        let (wanted, other) = (try StoreFixture.id(id), try StoreFixture.id(id + "-b"))
        try store.run(period("2026-02")) { (shard) throws(StoreError) in
            for number in 1...7 { _ = try shard.add(.like(by: "actor-\(number)"), to: wanted) }
            _ = try shard.add(.favorite(by: "actor-1"), to: wanted)
            _ = try shard.add(.like(by: "actor-1"), to: other)
        }
    }

    private func counters(_ store: Store, _ id: String) throws -> Counters? {
        guard case .found(_, let counters) = try store.makeReader().text(id).outcome else { return nil }
        return counters
    }

    private func expectSound(_ path: String, _ place: String) throws {
        _ = try Store.check(path) { Issue.record("\(place): \($0)") }
    }

    // MARK: Purges

    /// Waits until the article is gone: the writer goes on with it after each command.
    private func expectGone(_ store: Store, _ place: String) throws {
        let wanted = try StoreFixture.id(Self.id)
        for _ in 0..<100 {
            let isGone = try store.run(period("2026-02")) { (shard) throws(StoreError) in
                try shard.article(wanted) == nil
            }
            if isGone { return }
        }
        Issue.record("\(place): it is still there")
    }

    /// A new article of the id has nothing of the old one.
    private func expectClean(_ store: Store, _ path: String, _ place: String) throws {
        try store.put(record("2026-02-27", Self.id))
        #expect(try counters(store, Self.id) == Counters(views: 3), "\(place)")
        #expect(try counters(store, Self.id + "-b")?.likes == 1, "\(place)")
        store.close()
        try expectSound(path, place)
    }

    @Test("lose these piece by piece before they are purged, and a crash between is none")
    func purge() throws {
        let directory = try TemporaryDirectory("store")
        let path = directory.entry("store")
        let hook = CommitHook { number in
            CommitHook.clone(path, to: directory.entry("crash-\(number)"))
            return nil
        }
        let store = try open(path) { hook.apply(to: &$0) }
        try fill(store)
        let wanted = try StoreFixture.id(Self.id)
        hook.begin()
        try store.run(period("2026-02")) { (shard) throws(StoreError) in
            _ = try shard.delete(wanted, purgeTime: shard.now)
        }
        try expectGone(store, "purged")
        hook.end()
        try expectClean(store, path, "purged")
        #expect(hook.count == 8)  // The deletion, two pieces, the rest with the article.
        for number in 1..<hook.count {
            let crashed = directory.entry("crash-\(number)")
            try expectSound(crashed, "crash \(number)")
            let reopened = try open(crashed)
            try expectGone(reopened, "crash \(number)")
            try expectClean(reopened, crashed, "crash \(number)")
        }
    }

    @Test("are deleted by a purge at once, do not come back, and are gone soon")
    func purgeAtOnce() throws {
        let directory = try TemporaryDirectory("store")
        let store = try open(directory.entry("store"))
        try fill(store)
        let wanted = try StoreFixture.id(Self.id)
        // In one command, before the writer goes on with it.
        let undeleted = try store.run(period("2026-02")) { (shard) throws(StoreError) in
            _ = try shard.purge(wanted)
            return Result { () throws(StoreError) in try shard.undelete(wanted).revision }
        }
        #expect(throws: StoreError.absent(wanted)) { try undeleted.get() }
        try expectGone(store, "purged")
        try expectClean(store, directory.entry("store"), "purged")
    }

    @Test("are purged in several transactions, and those before them in the line with the first")
    func pages() throws {
        let directory = try TemporaryDirectory("store")
        let commitCount = Atomic<Int>(0)
        let store = try open(directory.entry("store")) { options in
            options.reactionPieceMax = 12_000
            options.commitFault = { moment, _ in
                if moment == .before { commitCount.add(1, ordering: .relaxed) }
                return nil
            }
        }
        let ids = try (0..<4).map { try StoreFixture.id("20260227-n\($0)") }
        for id in ids {
            try store.put(record("2026-02-27", id.text))
            try store.run(period("2026-02")) { (shard) throws(StoreError) in
                for number in 0..<9000 { _ = try shard.add(.like(by: "\(number)"), to: id) }
            }
        }
        let before = commitCount.load(ordering: .relaxed)
        try store.run(period("2026-02")) { (shard) throws(StoreError) in
            for id in ids { _ = try shard.delete(id, purgeTime: shard.now) }
        }
        for _ in 0..<20 where store.articleCount > 0 { _ = try store.run(.undated) { _ in } }
        #expect(store.articleCount == 0)
        // 32,768 pages, which two of them fill: the deletion, then two transactions.
        #expect(commitCount.load(ordering: .relaxed) - before == 3)
        store.close()
        try expectSound(directory.entry("store"), "purged")
    }

    // MARK: Moves

    private func move(_ store: Store, _ id: String) throws -> Result<UInt64, StoreError> {
        let record = try record("2025-12-24", id)
        let (source, target) = (try period("2026-02"), try period("2025-12"))
        return Result { () throws(StoreError) in
            try store.run(source, to: target) { (shard) throws(StoreError) in
                let revision = try shard.move(record)
                try shard.remember(request: "r-1", fingerprint: [1], article: record.id)
                return revision
            }
        }
    }

    /// The article is there once, with all its reactions.
    private func expectOnce(_ store: Store, _ id: String, _ place: String) throws {
        let reader = try store.makeReader()
        #expect(try reader.ids().filter { $0 == id }.count == 1, "\(place)")
        #expect(try counters(store, id) == Self.counted, "\(place)")
        #expect(try counters(store, id + "-b")?.likes == 1, "\(place)")
        #expect(store.articleCount == 3, "\(place)")
    }

    @Test("move so that a crash at any commit leaves them whole, in one shard", arguments: [id, "own-id"])
    func crash(id: String) throws {
        let directory = try TemporaryDirectory("store")
        let path = directory.entry("store")
        let hook = CommitHook { number in
            CommitHook.clone(path, to: directory.entry("crash-\(number)"))
            return nil
        }
        let store = try open(path) { hook.apply(to: &$0) }
        try fill(store, id)
        hook.begin()
        _ = try move(store, id).get()
        store.close()
        hook.end()
        try expectSound(path, "moved")
        #expect(hook.count == 22)
        for number in 0..<hook.count {
            let crashed = directory.entry("crash-\(number)")
            // A check before the start sees a move under way, and no damage.
            try expectSound(crashed, "before \(number)")
            let inner = CommitHook { inner in
                // What the id names makes no difference by then.
                if id == Self.id { CommitHook.clone(crashed, to: directory.entry("crash-\(number)-\(inner)")) }
                return nil
            }
            inner.begin()
            let reopened = try open(crashed) { inner.apply(to: &$0) }
            inner.end()
            try expectOnce(reopened, id, "crash \(number)")
            reopened.close()
            try expectSound(crashed, "crash \(number)")
            for step in 0..<(id == Self.id ? inner.count : 0) {
                let again = directory.entry("crash-\(number)-\(step)")
                try expectSound(again, "before \(number), then \(step)")
                let store = try open(again)
                try expectOnce(store, id, "crash \(number), then \(step)")
                store.close()
                try expectSound(again, "crash \(number), then \(step)")
            }
        }
    }

    @Test("move, or stay, whole when any commit fails", arguments: 0..<22, [id, "own-id"])
    func fault(at number: Int, id: String) throws {
        let directory = try TemporaryDirectory("store")
        let hook = CommitHook { $0 == number ? .system(code: 5) : nil }
        let store = try open(directory.entry("store")) { hook.apply(to: &$0) }
        try fill(store, id)
        hook.begin()
        let outcome = try move(store, id)
        let known = try store.run(.undated) { (shard) throws(StoreError) in shard.request("r-1") }
        hook.end()
        try expectOnce(store, id, "fault \(number)")
        let isMoved = try store.makeReader().text(id).text == "full 2025-12-24"
        if case .success = outcome { #expect(isMoved) }
        #expect((known != nil) == isMoved)
        // Both shards take writes again.
        let other = try StoreFixture.id(id + "-b")
        try store.run(period("2026-02")) { (shard) throws(StoreError) in _ = try shard.add(.share, to: other) }
        try store.put(StoreFixture.record("20251201-stay", at: StoreFixture.instant("2025-12-01")))
        store.close()
        try expectSound(directory.entry("store"), "fault \(number)")
        let reopened = try open(directory.entry("store"))
        try expectOnce(reopened, id, "reopened \(number)")
    }

    /// A store whose old shard fails from its commit `first` on, once `isFailing` is set.
    private func failing(
        _ directory: TemporaryDirectory, from first: Int, _ error: LMDBError, while isFailing: Flag
    ) throws -> Store {
        let count = Atomic<Int>(0)
        return try open(directory.entry("store")) { options in
            options.commitFault = { moment, period in
                guard moment != .after, period == Period("2026-02"), isFailing.isSet else { return nil }
                if moment == .before, count.add(1, ordering: .relaxed).newValue < first { return nil }
                return error
            }
        }
    }

    private final class Flag: Sendable {
        private let value = Atomic<Bool>(false)
        var isSet: Bool { value.load(ordering: .relaxed) }
        func set(_ isSet: Bool) { value.store(isSet, ordering: .relaxed) }
    }

    @Test("stay whole when the old shard takes no more writes")
    func undone() throws {
        let directory = try TemporaryDirectory("store")
        let isFailing = Flag()
        let store = try failing(directory, from: 1, .system(code: 5), while: isFailing)
        try fill(store)
        isFailing.set(true)
        #expect(throws: StoreError.outcomeUnknown(try period("2025-12"))) { try move(store, Self.id).get() }
        try expectOnce(store, Self.id, "undone")
        store.close()
        try expectSound(directory.entry("store"), "undone")
    }

    @Test("have moved when the old shard cannot forget their reactions; the next start does that")
    func leftovers() throws {
        let directory = try TemporaryDirectory("store")
        let isFailing = Flag()
        let store = try failing(directory, from: 2, .system(code: 5), while: isFailing)
        try fill(store)
        isFailing.set(true)
        _ = try move(store, Self.id).get()
        try expectOnce(store, Self.id, "moved")
        let away = try record("2025-11-11", Self.id)
        #expect(throws: StoreError.readOnly(try period("2026-02"))) { try store.move(away, from: period("2025-12")) }
        store.close()
        try expectSound(directory.entry("store"), "closed")
        let reopened = try open(directory.entry("store"))
        try expectOnce(reopened, Self.id, "reopened")
        try reopened.move(away, from: period("2025-12"))
        try expectOnce(reopened, Self.id, "moved on")
        reopened.close()
        try expectSound(directory.entry("store"), "moved on")
    }

    @Test("leave reactions behind for want of room only until there is some, and nobody gets them")
    func full() throws {
        let directory = try TemporaryDirectory("store")
        let isFailing = Flag()
        let store = try failing(directory, from: 2, .diskFull, while: isFailing)
        try fill(store)
        isFailing.set(true)
        _ = try move(store, Self.id).get()
        let wanted = try StoreFixture.id(Self.id)
        try store.run(period("2025-12")) { (shard) throws(StoreError) in _ = try shard.purge(wanted) }
        let new = try record("2026-02-27", Self.id)
        let refused = Result { () throws(StoreError) in try store.put(new) }
        if case .failure(.full) = refused {} else { Issue.record("\(refused)") }
        isFailing.set(false)
        // The writer settles it between these two, and purges the article in its new shard.
        for _ in 0..<20 { _ = try store.run(.undated) { _ in } }
        try store.put(new)
        #expect(try counters(store, Self.id) == Counters(views: 3))
        store.close()
        try expectSound(directory.entry("store"), "closed")
    }

    @Test("stay whole when they do not move after all, once their reactions have gone ahead")
    func refused() throws {
        let directory = try TemporaryDirectory("store")
        let store = try open(directory.entry("store"))
        try fill(store)
        let record = try record("2025-12-24", Self.id)
        let count = Atomic(0)
        try store.run(period("2026-02"), to: period("2025-12")) { (shard) throws(StoreError) in
            // As a call that was cancelled in between.
            if count.add(1, ordering: .relaxed).newValue == 1 { _ = try shard.move(record) }
        }
        #expect(count.load(ordering: .relaxed) == 2)
        try expectOnce(store, Self.id, "refused")
        try store.put(StoreFixture.record("20251201-stay", at: StoreFixture.instant("2025-12-01")))
        _ = try store.move(record, from: period("2026-02"))
        try expectOnce(store, Self.id, "moved")
        store.close()
        try expectSound(directory.entry("store"), "moved")
    }

    @Test("move one after the other")
    func several() throws {
        let directory = try TemporaryDirectory("store")
        let store = try open(directory.entry("store"))
        try fill(store)
        for _ in 0..<3 {
            _ = try store.move(record("2025-12-24", Self.id), from: period("2026-02"))
            try expectOnce(store, Self.id, "away")
            _ = try store.move(record("2026-02-27", Self.id), from: period("2025-12"))
            try expectOnce(store, Self.id, "home")
        }
        store.close()
        try expectSound(directory.entry("store"), "closed")
    }
}

import Files
import NewsModel
import NewsStore
import Synchronization
import TestKit
import Testing

/// A clock that moves when it is told to.
final class ManualTime: Sendable {
    private let time = Atomic<Int64>(0)

    var now: Int64 { time.load(ordering: .relaxed) }

    func advance(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        time.add(seconds * 1_000_000_000 + attoseconds / 1_000_000_000, ordering: .relaxed)
    }
}

/// An observer that asks its operation to stop after so many calls.
final class Canceller: OperationObserver {
    private let left: Atomic<Int>
    private let last = Mutex(OperationProgress())

    init(after count: Int) { left = Atomic(count) }

    var progress: OperationProgress { last.withLock { $0 } }

    func advanced(_ progress: OperationProgress) -> Bool {
        last.withLock { $0 = progress }
        return left.subtract(1, ordering: .relaxed).newValue >= 0
    }
}

/// Stores that are backed up, and what they are.
enum BackupFixture {
    static let months = ["2025-11", "2025-12", "2026-01", "2026-02"]

    /// Fills a store with articles in four months, undated ones, and some whose ids do not name their shard.
    static func fill(_ store: Store, perMonth: Int = 6) throws {
        for month in months {
            for number in 0..<perMonth {
                let day = month + "-1\(number % 10)"
                let prefix = day.replacing("-", with: "")
                let id = number % 3 == 2 ? "own-\(prefix)-\(number)" : "\(prefix)-n\(number)aaaaaaaaaa"
                let full = Array(String(repeating: "\(id) ", count: number % 2 == 0 ? 4 : 900).utf8)
                try store.put(StoreFixture.record(id, at: StoreFixture.instant(day), source: "s", full: full))
            }
        }
        try store.put(StoreFixture.record("00000000-undatedaaaaa", at: nil))
    }

    /// Every article with its text.
    static func contents(_ store: Store) throws -> [String: String] {
        let reader = try store.makeReader()
        var contents: [String: String] = [:]
        for id in try reader.ids() {
            let (outcome, text) = reader.text(id)
            guard case .found = outcome else {
                contents[id] = "\(outcome)"
                continue
            }
            contents[id] = text
        }
        return contents
    }

    /// Restores, checks, and gives what the store holds.
    static func restored(_ backup: String, to path: String) throws -> (
        summary: RestoreSummary, contents: [String: String]
    ) {
        let summary = try Store.restore(backup, to: path) { Issue.record("\($0)") }
        let check = try Store.check(path) { Issue.record("\($0)") }
        #expect(check.isSound && check.unusedClaimCount == 0)
        let store = try Store.open(path, StoreFixture.options())
        defer { store.close() }
        #expect(store.unavailableShards.isEmpty)
        return (summary, try contents(store))
    }

    /// Names in a folder, those of its folders included.
    static func tree(_ path: String) throws -> [String] {
        try FileSystem.list(path).flatMap { name -> [String] in
            guard try FileSystem.kind(path + "/" + name) == .directory else { return [name] }
            return try tree(path + "/" + name).map { name + "/" + $0 }
        }
    }

    static func fault(_ body: () throws -> Void) -> BackupFault? {
        do {
            try body()
            return nil
        } catch let error as StoreError {
            if case .backup(let fault) = error { return fault }
            Issue.record("\(error)")
        } catch {
            Issue.record("\(error)")
        }
        return nil
    }
}

internal import Files
internal import LMDB
internal import NewsModel
internal import Synchronization
internal import Threads

/// Looks at the files of shards, and at that of the catalog, before they are mapped.
///
/// Where a program for it is known, the walk is its own process: whatever damage does to it, this one goes on. It says
/// `begin 3`, then `sound 3` or `damaged 3 reason`; if it ends in between, the fourth folder is to blame.
struct SuspectWalk: Sendable {
    struct Shard: Sendable {
        let period: Period
        let path: String
    }

    enum Verdict: Hashable, Sendable {
        case sound
        case damaged(String)
        /// There was no time to look at it.
        case unknown
    }

    /// Program and first arguments; the folders are put behind them. `nil`: in this process.
    var command: [String]?
    /// For all together. It bounds how long a start takes, and says nothing about a shard: the walk of any file ends.
    var limit: Duration
    var processCount: Int

    /// - Parameter folders: in the order in which they are to be looked at.
    func run(_ folders: [String]) -> [String: Verdict] {
        guard !folders.isEmpty else { return [:] }
        let deadline = MonotonicClock.now + limit.nanoseconds
        let count = min(max(1, processCount), folders.count)
        // Dealt out in turn, so that all begin with the first.
        let hands = (0..<count).map { first in stride(from: first, to: folders.count, by: count).map { folders[$0] } }
        let shared = Shared()
        let threads = hands.dropFirst().map { hand in
            Thread.start(name: "shard-walk") { run(hand, deadline, shared) }
        }
        run(hands[0], deadline, shared)
        for thread in threads { thread.join() }
        return shared.verdicts
    }

    /// The verdicts, as threads give them.
    private final class Shared: Sendable {
        private let all = Mutex<[String: Verdict]>([:])
        var verdicts: [String: Verdict] { all.withLock { $0 } }
        func set(_ folder: String, _ verdict: Verdict) { all.withLock { $0[folder] = verdict } }
    }

    private func run(_ folders: [String], _ deadline: Int64, _ shared: Shared) {
        var rest = folders[...]
        while !rest.isEmpty {
            guard MonotonicClock.now < deadline else { break }
            let served = command.flatMap { runChild($0, rest, deadline, shared) } ?? runHere(rest, deadline, shared)
            rest = rest.dropFirst(served)
        }
        for folder in rest { shared.set(folder, .unknown) }
    }

    private func runHere(_ folders: ArraySlice<String>, _ deadline: Int64, _ shared: Shared) -> Int {
        for (index, folder) in folders.enumerated() {
            if MonotonicClock.now >= deadline { return index }
            do throws(LMDBError) {
                try Environment.verify(folder)
                shared.set(folder, .sound)
            } catch {
                shared.set(folder, SuspectWalk.verdict(error))
            }
        }
        return folders.count
    }

    /// What an error of a walk says of the file: that it cannot be read is found by whoever opens it.
    private static func verdict(_ error: LMDBError) -> Verdict {
        error.isDamage ? .damaged("\(error)") : .unknown
    }

    /// - Returns: how many folders there is a verdict on; `nil` when the program cannot be started.
    private func runChild(
        _ command: [String], _ folders: ArraySlice<String>, _ deadline: Int64, _ shared: Shared
    ) -> Int? {
        guard let program = command.first,
            var child = try? ChildProcess(program, Array(command.dropFirst()) + Array(folders))
        else { return nil }
        let folders = Array(folders)
        var begun: Int?
        var done = 0
        while let line = try? child.nextLine(timeout: deadline - MonotonicClock.now) {
            let words = line.split(separator: " ", maxSplits: 2).map(String.init)
            guard words.count >= 2, let index = Int(words[1]), index == done, index < folders.count else { break }
            switch words[0] {
            case "begin": begun = index
            case "sound": shared.set(folders[index], .sound)
            case "damaged": shared.set(folders[index], .damaged(words.count > 2 ? words[2] : "damaged"))
            case "unknown": shared.set(folders[index], .unknown)
            default: break
            }
            if words[0] != "begin" { (done, begun) = (index + 1, nil) }
        }
        if child.hasTimedOut {
            _ = child.kill()
            for folder in folders[done...] { shared.set(folder, .unknown) }
            return folders.count
        }
        let ending = child.kill()
        guard done < folders.count else { return done }
        guard begun == done else { return done == 0 ? nil : done }
        shared.set(folders[done], .damaged("the process that looked at it \(SuspectWalk.text(ending))"))
        return done + 1
    }

    private static func text(_ ending: ChildProcess.Ending) -> String {
        switch ending {
        case .exited(let status): "ended with status \(status)"
        case .signalled(let number): "was ended by signal \(number)"
        }
    }
}

extension Store {
    /// Looks at files of shards and catalogs, as the child process of `SuspectWalk` does: their pages by themselves,
    /// then every key through LMDB, which may end the process.
    ///
    /// - Parameter say: gets the lines.
    package static func walkShards(_ paths: [String], say: (String) throws -> Void) rethrows {
        for (index, path) in paths.enumerated() {
            try say("begin \(index)")
            do throws(LMDBError) {
                try Environment.verify(path)
                try readKeys(path)
            } catch {
                try say(error.isDamage ? "damaged \(index) \(error)" : "unknown \(index)")
                continue
            }
            try say("sound \(index)")
        }
    }

    private static func readKeys(_ path: String) throws(LMDBError) {
        let isCatalog = path.hasSuffix("/" + Catalog.shardName)
        var options = isCatalog ? EnvironmentOptions(tables: CatalogTable.names) : ShardTable.environmentOptions
        options.isAlone = true
        let environment = try Environment(path, options)
        let transaction = try environment.beginRead()
        for number in 0..<(isCatalog ? CatalogTable.allCases.count : ShardTable.allCases.count) {
            try transaction.withCursor(in: environment.table(number)) { (cursor) throws(LMDBError) in
                var stands = try cursor.move(.first)
                while stands { stands = try cursor.move(.next) }
            }
        }
    }
}

internal import Files
internal import LMDB
internal import NewsModel
internal import Synchronization
internal import Threads

/// Looks at the files of shards before they are mapped.
///
/// Where a program for it is known, the walk is its own process: whatever damage does to it, this one goes on. It says
/// `begin 3`, then `sound 3` or `damaged 3 reason`; if it ends in between, the third shard is to blame.
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

    /// Program and first arguments; the folders of the shards are put behind them. `nil`: in this process.
    var command: [String]?
    /// For all together. It bounds how long a start takes, and says nothing about a shard: the walk of any file ends.
    var limit: Duration
    var processCount: Int

    func run(_ shards: [Shard]) -> [Period: Verdict] {
        guard !shards.isEmpty else { return [:] }
        let deadline = MonotonicClock.now + limit.nanoseconds
        let count = min(max(1, processCount), shards.count)
        // Dealt out in turn, so that the newest are looked at first by all.
        let hands = (0..<count).map { first in stride(from: first, to: shards.count, by: count).map { shards[$0] } }
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
        private let all = Mutex<[Period: Verdict]>([:])
        var verdicts: [Period: Verdict] { all.withLock { $0 } }
        func set(_ period: Period, _ verdict: Verdict) { all.withLock { $0[period] = verdict } }
    }

    private func run(_ shards: [Shard], _ deadline: Int64, _ shared: Shared) {
        var rest = shards[...]
        while !rest.isEmpty {
            guard MonotonicClock.now < deadline else { break }
            let served = command.flatMap { runChild($0, rest, deadline, shared) } ?? runHere(rest, deadline, shared)
            rest = rest.dropFirst(served)
        }
        for shard in rest { shared.set(shard.period, .unknown) }
    }

    private func runHere(_ shards: ArraySlice<Shard>, _ deadline: Int64, _ shared: Shared) -> Int {
        for (index, shard) in shards.enumerated() {
            if MonotonicClock.now >= deadline { return index }
            do throws(LMDBError) {
                try Environment.verify(shard.path)
                shared.set(shard.period, .sound)
            } catch {
                shared.set(shard.period, SuspectWalk.verdict(error))
            }
        }
        return shards.count
    }

    /// What an error of a walk says of the file: that it cannot be read is found by whoever opens it.
    private static func verdict(_ error: LMDBError) -> Verdict {
        error.isDamage ? .damaged("\(error)") : .unknown
    }

    /// - Returns: how many shards there is a verdict on; `nil` when the program cannot be started.
    private func runChild(
        _ command: [String], _ shards: ArraySlice<Shard>, _ deadline: Int64, _ shared: Shared
    ) -> Int? {
        guard let program = command.first,
            var child = try? ChildProcess(program, command.dropFirst() + shards.map(\.path))
        else { return nil }
        let shards = Array(shards)
        var begun: Int?
        var done = 0
        while let line = try? child.nextLine(timeout: deadline - MonotonicClock.now) {
            let words = line.split(separator: " ", maxSplits: 2).map(String.init)
            guard words.count >= 2, let index = Int(words[1]), index == done, index < shards.count else { break }
            switch words[0] {
            case "begin": begun = index
            case "sound": shared.set(shards[index].period, .sound)
            case "damaged": shared.set(shards[index].period, .damaged(words.count > 2 ? words[2] : "damaged"))
            case "unknown": shared.set(shards[index].period, .unknown)
            default: break
            }
            if words[0] != "begin" { (done, begun) = (index + 1, nil) }
        }
        if child.hasTimedOut {
            _ = child.kill()
            for shard in shards[done...] { shared.set(shard.period, .unknown) }
            return shards.count
        }
        let ending = child.kill()
        guard done < shards.count else { return done }
        guard begun == done else { return done == 0 ? nil : done }
        shared.set(shards[done].period, .damaged("the process that looked at it \(SuspectWalk.text(ending))"))
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
    /// Looks at files of shards, as the child process of `SuspectWalk` does: their pages by themselves, then every key
    /// through LMDB, which may end the process.
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
        var options = ShardTable.environmentOptions
        options.isAlone = true
        let environment = try Environment(path, options)
        let transaction = try environment.beginRead()
        for table in ShardTable.allCases {
            try transaction.withCursor(in: environment.table(table)) { (cursor) throws(LMDBError) in
                var stands = try cursor.move(.first)
                while stands { stands = try cursor.move(.next) }
            }
        }
    }
}

import Files
import LMDB
import TestKit
import Testing

@Suite("A transaction that begins and ends on a thread of its own") struct CommitThreadTests {
    private let directory: TemporaryDirectory
    private let committer = CommitThread(name: "committer")

    init() throws { directory = try TemporaryDirectory("lmdb") }

    private func open(_ name: String) throws -> Environment {
        let path = directory.entry(name)
        try FileSystem.makeDirectory(path)
        return try Environment(path, Fixture.options())
    }

    @Test("is written by another one, and is there once its commit has ended")
    func commits() throws {
        let environments = try (0..<3).map { try open("\($0)") }
        var begun: [PendingCommit] = []
        for (number, environment) in environments.enumerated() {
            var transaction = try environment.beginningWrite(on: committer).take()
            try transaction.put(Fixture.key(number).span, [1, 2].span, in: environment.table(0))
            begun.append(transaction.beginCommit())
        }
        for (number, environment) in environments.enumerated() {
            try begun[number].end()
            #expect(try Fixture.value(environment, Fixture.key(number)) == [1, 2])
        }
        // The lock was given back: this thread can begin one.
        try Fixture.put(environments[0], [(Fixture.key(9), [3])])
    }

    @Test("is undone when it is dropped, and the next one can begin")
    func drops() throws {
        let environment = try open("a")
        do {
            var transaction = try environment.beginningWrite(on: committer).take()
            try transaction.put(Fixture.key(1).span, [1].span, in: environment.table(0))
        }
        #expect(try Fixture.value(environment, Fixture.key(1)) == nil)
        try Fixture.put(environment, [(Fixture.key(1), [2])])
        #expect(try Fixture.value(environment, Fixture.key(1)) == [2])
    }

    @Test("lets go of its environment before it says that it has ended", arguments: 0..<20)
    func reopens(_: Int) throws {
        let path = directory.entry("b")
        try FileSystem.makeDirectory(path)
        for isCommitted in [true, false, true] {
            let environment = try Environment(path, Fixture.options())
            var transaction = try environment.beginningWrite(on: committer).take()
            try transaction.put(Fixture.key(1).span, [1].span, in: environment.table(0))
            if isCommitted { try transaction.beginCommit().end() }
        }
    }

    @Test("says why it failed, and the environment that it has failed")
    func failure() throws {
        let path = directory.entry("c")
        try FileSystem.makeDirectory(path)
        let environment = try Environment(path, Fixture.options(mapSize: 1 << 16))
        #expect(throws: LMDBError.mapFull) {
            var transaction = try environment.beginningWrite(on: committer).take()
            let value = [UInt8](repeating: 1, count: 1000)
            for number in 0..<1000 {
                try transaction.put(Fixture.key(number).span, value.span, in: environment.table(0))
            }
            try transaction.beginCommit().end()
        }
        try Fixture.put(environment, [(Fixture.key(1), [2])])
    }
}

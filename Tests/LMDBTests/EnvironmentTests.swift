import Files
import LMDB
import TestKit
import Testing

/// What the suites here share.
enum Fixture {
    static func options(create: Bool = true, readersMax: Int = 8, mapSize: Int = 1 << 24) -> EnvironmentOptions {
        var options = EnvironmentOptions(tables: ["first", "second"])
        options.create = create
        options.readersMax = readersMax
        options.mapSize = mapSize
        return options
    }

    static func key(_ number: Int) -> [UInt8] { Array("key-\(10_000 + number)".utf8) }

    static func put(_ environment: Environment, _ entries: [(key: [UInt8], value: [UInt8])]) throws {
        var transaction = try environment.beginWrite()
        for entry in entries {
            try transaction.put(entry.key.span, entry.value.span, in: environment.table(0))
        }
        try transaction.commit()
    }

    static func value(_ environment: Environment, _ key: [UInt8]) throws -> [UInt8]? {
        let transaction = try environment.beginRead()
        return try value(transaction, key, environment.table(0))
    }

    static func value(_ transaction: borrowing ReadTransaction, _ key: [UInt8], _ table: Table) throws -> [UInt8]? {
        var copy: [UInt8]?
        let found = try transaction.withValue(of: key.span, in: table) { copy = bytes($0) }
        #expect(found == (copy != nil))
        return copy
    }

    static func bytes(_ span: Span<UInt8>) -> [UInt8] { span.indices.map { span[$0] } }
}

@Suite("An LMDB environment") struct EnvironmentTests {
    @Test("keeps what was committed when it is opened again, also if the flush of its meta page was deferred")
    func reopen() throws {
        let directory = try TemporaryDirectory("lmdb")
        do {
            let environment = try Environment(directory.path, Fixture.options())
            try Fixture.put(environment, [(Fixture.key(3), [4])])
        }
        do {
            var options = Fixture.options(create: false)
            options.defersMetaSync = true
            let environment = try Environment(directory.path, options)
            try Fixture.put(environment, [(Fixture.key(1), [1, 2, 3])])
            try environment.sync()
            #expect(try Fixture.value(environment, Fixture.key(3)) == [4])
        }
        let environment = try Environment(directory.path, Fixture.options(create: false))
        #expect(try Fixture.value(environment, Fixture.key(1)) == [1, 2, 3])
        #expect(try Fixture.value(environment, Fixture.key(2)) == nil)
        #expect(environment.size().usedByteCount >= 8192)
    }

    @Test("keeps its tables apart")
    func tables() throws {
        let directory = try TemporaryDirectory("lmdb")
        let environment = try Environment(directory.path, Fixture.options())
        try Fixture.put(environment, [(Fixture.key(1), [1])])
        let transaction = try environment.beginRead()
        #expect(try transaction.count(environment.table(0)) == 1)
        #expect(try transaction.count(environment.table(1)) == 0)
        #expect(try Fixture.value(transaction, Fixture.key(1), environment.table(1)) == nil)
    }

    @Test("is never open twice in one process, however its path is written")
    func twice() throws {
        let directory = try TemporaryDirectory("lmdb")
        let again = directory.path + "/../" + (directory.path.split(separator: "/").last ?? "")
        do {
            let environment = try Environment(directory.path, Fixture.options())
            #expect(throws: LMDBError.alreadyOpen(again)) { _ = try Environment(again, Fixture.options()) }
            _ = environment.size()
        }
        _ = try Environment(again, Fixture.options())
    }

    @Test("can be opened again once it is closed, though somebody still has a reference")
    func closing() throws {
        let directory = try TemporaryDirectory("lmdb")
        let earlier = try Environment(directory.path, Fixture.options())
        try Fixture.put(earlier, [(Fixture.key(1), [1])])
        earlier.close()
        let later = try Environment(directory.path, Fixture.options())
        earlier.close()
        #expect(try later.beginRead().count(later.table(0)) == 1)
        withExtendedLifetime(earlier) {}
    }

    @Test("stays open as long as a transaction has not ended, whoever closes it")
    func closingLater() throws {
        let directory = try TemporaryDirectory("lmdb")
        do {
            let environment = try Environment(directory.path, Fixture.options())
            try Fixture.put(environment, [(Fixture.key(1), [1])])
            let reading = try environment.beginRead()
            environment.close()
            #expect(try reading.count(environment.table(0)) == 1)
            #expect(throws: LMDBError.alreadyOpen(directory.path)) {
                _ = try Environment(directory.path, Fixture.options())
            }
        }
        _ = try Environment(directory.path, Fixture.options())
    }

    @Test("can be opened after an attempt that failed")
    func failedOpen() throws {
        let directory = try TemporaryDirectory("lmdb")
        let path = directory.entry("data.mdb")
        for _ in 0..<2 {
            #expect(throws: LMDBError.notFound(path)) {
                _ = try Environment(directory.path, Fixture.options(create: false))
            }
        }
        _ = try Environment(directory.path, Fixture.options())
    }

    @Test("is not found where its directory is absent")
    func absent() throws {
        let directory = try TemporaryDirectory("lmdb")
        let path = directory.entry("absent")
        #expect(throws: LMDBError.notFound(path)) { _ = try Environment(path, Fixture.options()) }
    }

    @Test("without a table that is asked for is refused")
    func tableMissing() throws {
        let directory = try TemporaryDirectory("lmdb")
        _ = try Environment(directory.path, Fixture.options())
        let options = EnvironmentOptions(tables: ["first", "third"])
        #expect(throws: LMDBError.tableMissing("third")) { _ = try Environment(directory.path, options) }
    }

    @Test("says that its map is full, goes on reading, and takes smaller writes")
    func full() throws {
        let directory = try TemporaryDirectory("lmdb")
        let environment = try Environment(directory.path, Fixture.options(mapSize: 1 << 17))
        try Fixture.put(environment, [(Fixture.key(0), [7])])
        #expect(throws: LMDBError.mapFull) {
            try Fixture.put(environment, (1...64).map { (Fixture.key($0), [UInt8](repeating: 1, count: 4000)) })
        }
        #expect(try Fixture.value(environment, Fixture.key(0)) == [7])
        #expect(try Fixture.value(environment, Fixture.key(1)) == nil)
        try Fixture.put(environment, [(Fixture.key(1), [8])])
        #expect(try Fixture.value(environment, Fixture.key(1)) == [8])
    }

    @Test("refuses more readers than it was opened for")
    func readers() throws {
        let directory = try TemporaryDirectory("lmdb")
        let environment = try Environment(directory.path, Fixture.options(readersMax: 1))
        let first = try environment.beginRead()
        #expect(throws: LMDBError.readersFull) { _ = try environment.beginRead() }
        let isLive = first.isLive
        #expect(isLive)
    }

    @Test("tells errors of the file from others")
    func kinds() {
        #expect(LMDBError.corrupted.isDamage)
        #expect(LMDBError.truncated("x", byteCount: 1, needed: 2).isDamage)
        #expect(!LMDBError.mapFull.isDamage)
        #expect("\(LMDBError.alreadyOpen("/x"))" == "/x is already open in this process")
        #expect("\(LMDBError.system(code: 5))" == "Input/output error (5)")
    }
}

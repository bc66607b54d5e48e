import LMDB
import TestKit
import Testing

@Suite("LMDB transactions") struct TransactionTests {
    @Test("are undone unless they are committed")
    func undone() throws {
        let directory = try TemporaryDirectory("lmdb")
        let environment = try Environment(directory.path, Fixture.options())
        do {
            var transaction = try environment.beginWrite()
            try transaction.put(Fixture.key(1).span, [1].span, in: environment.table(0))
        }
        #expect(try Fixture.value(environment, Fixture.key(1)) == nil)
        try Fixture.put(environment, [(Fixture.key(2), [2])])
        #expect(try Fixture.value(environment, Fixture.key(2)) == [2])
    }

    @Test("see their own writes, and others only those that were committed before they began")
    func isolation() throws {
        let directory = try TemporaryDirectory("lmdb")
        let environment = try Environment(directory.path, Fixture.options())
        try Fixture.put(environment, [(Fixture.key(1), [1])])
        let before = try environment.beginRead()
        var writing = try environment.beginWrite()
        try writing.put(Fixture.key(1).span, [2].span, in: environment.table(0))
        var own: [UInt8] = []
        #expect(try writing.withValue(of: Fixture.key(1).span, in: environment.table(0)) { own = Fixture.bytes($0) })
        #expect(own == [2])
        try writing.commit()
        #expect(try Fixture.value(before, Fixture.key(1), environment.table(0)) == [1])
        #expect(try Fixture.value(environment, Fixture.key(1)) == [2])
    }

    @Test("for reading take a new view after reset and renew, and keep theirs until then")
    func renew() throws {
        let directory = try TemporaryDirectory("lmdb")
        let environment = try Environment(directory.path, Fixture.options())
        let table = environment.table(0)
        var reading = try environment.beginRead()
        try Fixture.put(environment, [(Fixture.key(1), [1])])
        try reading.renew()  // It still has a view.
        #expect(try Fixture.value(reading, Fixture.key(1), table) == nil)
        reading.reset()
        reading.reset()
        let isLive = reading.isLive
        #expect(!isLive)
        try reading.renew()
        #expect(try Fixture.value(reading, Fixture.key(1), table) == [1])
    }

    @Test("remove what begins with a prefix, so many at a time, and nothing beside it")
    func removal() throws {
        let directory = try TemporaryDirectory("lmdb")
        let environment = try Environment(directory.path, Fixture.options())
        let table = environment.table(0)
        let wanted = (0..<3000).map { Array("b\($0)".utf8) }
        let value = [UInt8](repeating: 7, count: 40)
        try Fixture.put(environment, (wanted + [[97], [98], [99], [97, 98]]).map { ($0, value) })
        var transaction = try environment.beginWrite()
        var removed: Set<[UInt8]> = []
        var counts: [Int] = []
        while counts.last != 0 {
            counts.append(
                try transaction.removeFirst(1024, withPrefix: Array("b".utf8), in: table) {
                    removed.insert(Fixture.bytes($0))
                })
        }
        #expect(counts == [1024, 1024, 953, 0] && removed == Set(wanted + [[98]]))
        #expect(try transaction.count(table) == 3)
        try transaction.commit()
        for key in [[97], [99], [97, 98]] as [[UInt8]] {
            #expect(try Fixture.value(environment, key) == value)
        }
    }

    @Test("keep the environment open for as long as they live")
    func lifetime() throws {
        let directory = try TemporaryDirectory("lmdb")
        var environment: Environment? = try Environment(directory.path, Fixture.options())
        let table = try #require(environment?.table(0))
        try Fixture.put(#require(environment), [(Fixture.key(1), [1])])
        let reading = try #require(environment).beginRead()
        environment = nil
        #expect(try Fixture.value(reading, Fixture.key(1), table) == [1])
    }

    @Test("insert, replace, append and remove")
    func modes() throws {
        let directory = try TemporaryDirectory("lmdb")
        let environment = try Environment(directory.path, Fixture.options())
        let table = environment.table(0)
        var transaction = try environment.beginWrite()
        #expect(try transaction.put(Fixture.key(1).span, [1].span, in: table, .insert))
        #expect(try !transaction.put(Fixture.key(1).span, [2].span, in: table, .insert))
        #expect(try transaction.put(Fixture.key(2).span, [3].span, in: table, .append))
        #expect(try transaction.put(Fixture.key(2).span, [4].span, in: table))
        #expect(try transaction.remove(Fixture.key(1).span, in: table))
        #expect(try !transaction.remove(Fixture.key(1).span, in: table))
        #expect(try transaction.count(table) == 1)
        try transaction.commit()
        #expect(try Fixture.value(environment, Fixture.key(1)) == nil)
        #expect(try Fixture.value(environment, Fixture.key(2)) == [4])
    }

    @Test("refuse keys and values of a size that cannot be stored", arguments: [(0, 1), (512, 1), (4, 0)])
    func sizes(keyCount: Int, valueCount: Int) throws {
        let directory = try TemporaryDirectory("lmdb")
        let environment = try Environment(directory.path, Fixture.options())
        var transaction = try environment.beginWrite()
        let key = [UInt8](repeating: 1, count: keyCount)
        let value = [UInt8](repeating: 1, count: valueCount)
        #expect(throws: LMDBError.badSize) { try transaction.put(key.span, value.span, in: environment.table(0)) }
    }

    @Test("move values of every size about a page", arguments: [1, 2038, 2039, 4000, 4080, 4081, 100_000])
    func values(byteCount: Int) throws {
        let directory = try TemporaryDirectory("lmdb")
        let environment = try Environment(directory.path, Fixture.options())
        var random = SeededGenerator(seed: UInt64(byteCount))
        let value = random.bytes(byteCount)
        try Fixture.put(environment, [(Fixture.key(1), value)])
        #expect(try Fixture.value(environment, Fixture.key(1)) == value)
    }
}

@Suite("LMDB cursors") struct CursorTests {
    private func filled(_ directory: TemporaryDirectory) throws -> Environment {
        let environment = try Environment(directory.path, Fixture.options())
        try Fixture.put(environment, stride(from: 0, to: 10, by: 2).map { (Fixture.key($0), [UInt8($0)]) })
        return environment
    }

    /// The values that a walk by `move` meets, from the entry at or after key `number`.
    private func walk(_ environment: Environment, from number: Int, _ move: Cursor.Move) throws -> [UInt8] {
        let transaction = try environment.beginRead()
        var values: [UInt8] = []
        try transaction.withCursor(in: environment.table(0)) { cursor throws(LMDBError) in
            var stands = try cursor.seek(Fixture.key(number).span)
            while stands {
                cursor.withEntry { _, value in values.append(value[0]) }
                stands = try cursor.move(move)
            }
        }
        return values
    }

    @Test(
        "walk both ways from any place",
        arguments: [
            (0, Cursor.Move.next, [0, 2, 4, 6, 8] as [UInt8]), (3, .next, [4, 6, 8]), (4, .next, [4, 6, 8]),
            (9, .next, []),
            (8, .previous, [8, 6, 4, 2, 0]), (3, .previous, [4, 2, 0]), (9, .previous, []),
        ])
    func walks(number: Int, move: Cursor.Move, values: [UInt8]) throws {
        let directory = try TemporaryDirectory("lmdb")
        #expect(try walk(filled(directory), from: number, move) == values)
    }

    @Test("find the ends, and nothing in an empty table")
    func ends() throws {
        let directory = try TemporaryDirectory("lmdb")
        let environment = try filled(directory)
        let transaction = try environment.beginRead()
        try transaction.withCursor(in: environment.table(0)) { cursor throws(LMDBError) in
            let hasFirst = try cursor.move(.first)
            #expect(hasFirst)
            cursor.withEntry { key, value in
                #expect(Fixture.bytes(key) == Fixture.key(0))
                #expect(Fixture.bytes(value) == [0])
            }
            let hasLast = try cursor.move(.last)
            #expect(hasLast)
            cursor.withEntry { key, _ in #expect(Fixture.bytes(key) == Fixture.key(8)) }
        }
        try transaction.withCursor(in: environment.table(1)) { cursor throws(LMDBError) in
            let hasFirst = try cursor.move(.first)
            #expect(!hasFirst)
        }
    }
}

import Files
import LMDB
import TestKit
import Testing

@Suite("A walk over a file's pages") struct PageWalkTests {
    /// A closed environment with branches, overflow pages, free pages and an empty table, and nothing behind its pages.
    private func made(_ directory: TemporaryDirectory, _ random: inout SeededGenerator) throws -> String {
        let byteCount = try fill(Environment(directory.path, Fixture.options()), &random)
        let path = directory.entry("data.mdb")
        try FileSystem.writeAtomically(path, Array(FileSystem.read(path).prefix(byteCount)))
        return path
    }

    /// - Returns: Bytes of the pages that the file counts.
    private func fill(_ environment: Environment, _ random: inout SeededGenerator) throws -> Int {
        for _ in 0..<4 {
            var transaction = try environment.beginWrite()
            for _ in 0..<300 {
                let key = Fixture.key(Int.random(in: 0..<400, using: &random))
                if random.oneIn(4) {
                    try transaction.remove(key.span, in: environment.table(0))
                } else {
                    let value = random.bytes(random.oneIn(9) ? 6000 : Int.random(in: 1..<300, using: &random))
                    try transaction.put(key.span, value.span, in: environment.table(0))
                }
            }
            try transaction.commit()
        }
        return environment.size().usedByteCount
    }

    /// Reads every entry of both tables.
    ///
    /// - Returns: how many there are.
    @discardableResult private func readAll(_ directory: TemporaryDirectory) throws -> Int {
        var count = 0
        let environment = try Environment(directory.path, Fixture.options(create: false))
        let transaction = try environment.beginRead()
        for table in 0..<2 {
            try transaction.withCursor(in: environment.table(table)) { (cursor) throws(LMDBError) in
                var stands = try cursor.move(.first)
                while stands {
                    cursor.withEntry { key, value in #expect(key.count + value.count > 0) }
                    count += 1
                    stands = try cursor.move(.next)
                }
            }
        }
        return count
    }

    @Test("finds nothing in sound files, whatever they hold")
    func sound() throws {
        var random = SeededGenerator.forTest("sound pages")
        for _ in 0..<5 {
            let directory = try TemporaryDirectory("lmdb")
            _ = try made(directory, &random)
            try Environment.verify(directory.path)
        }
        let empty = try TemporaryDirectory("lmdb")
        _ = try Environment(empty.path, Fixture.options())
        try Environment.verify(empty.path)
    }

    @Test("shows that a file is sound which is shorter than its meta page counts")
    func short() throws {
        let directory = try TemporaryDirectory("lmdb")
        var (isShort, last) = (false, UInt8(0))
        do {
            let environment = try Environment(directory.path, Fixture.options())
            try Fixture.put(environment, [(Fixture.key(1), [1])])
            // Pages that are taken and given back in one transaction are counted and never written.
            var random = SeededGenerator(seed: 11)
            for round in 0..<200 {
                var transaction = try environment.beginWrite()
                let keys = (2..<(10 + Int.random(in: 0..<200, using: &random))).map { Fixture.key($0) }
                for key in keys {
                    let value = [UInt8](repeating: 1, count: Int.random(in: 1...4000, using: &random))
                    try transaction.put(key.span, value.span, in: environment.table(0))
                }
                for key in keys { try transaction.remove(key.span, in: environment.table(0)) }
                try transaction.put(Fixture.key(1).span, [UInt8(round)].span, in: environment.table(0))
                try transaction.commit()
                last = UInt8(round)
                isShort = try FileSystem.size(directory.entry("data.mdb")) < environment.size().usedByteCount
                if isShort { break }
            }
        }
        #expect(isShort)
        let environment = try Environment(directory.path, Fixture.options(create: false))
        #expect(try Fixture.value(environment, Fixture.key(1)) == [last])
    }

    @Test("names what is missing when a file was cut at any page")
    func cut() throws {
        var random = SeededGenerator.forTest("cut pages")
        let directory = try TemporaryDirectory("lmdb")
        let path = try made(directory, &random)
        let bytes = try FileSystem.read(path)
        for pageCount in stride(from: 3, to: bytes.count / 4096, by: 7) {
            try FileSystem.writeAtomically(path, Array(bytes.prefix(pageCount * 4096)))
            do {
                try Environment.verify(directory.path)
                try readAll(directory)  // Nothing that is needed was cut off.
            } catch {
                guard case .truncated? = error as? LMDBError else {
                    Issue.record("cut to \(pageCount) pages: \(error)")
                    return
                }
            }
        }
    }

    @Test("finds nothing in files that many commits have written, with large free lists and deep trees")
    func aged() throws {
        var random = SeededGenerator.forTest("aged pages")
        let directory = try TemporaryDirectory("lmdb")
        for round in 0..<12 {
            do {
                let environment = try Environment(directory.path, Fixture.options(mapSize: 1 << 26))
                for _ in 0..<3 {
                    var transaction = try environment.beginWrite()
                    for _ in 0..<Int.random(in: 1...700, using: &random) {
                        let table = environment.table(random.oneIn(3) ? 1 : 0)
                        let text = String(repeating: "long-", count: round * 4) + "\(random.next() % 3000)"
                        if random.oneIn(round % 4 == 3 ? 2 : 8) {
                            try transaction.remove(Array(text.utf8).span, in: table)
                        } else {
                            let count = random.oneIn(7) ? 20_000 : Int.random(in: 1..<900, using: &random)
                            let value = [UInt8](repeating: 7, count: count)
                            try transaction.put(Array(text.utf8).span, value.span, in: table)
                        }
                    }
                    if !random.oneIn(5) { try transaction.commit() }
                }
            }
            try Environment.verify(directory.path)
        }
    }

    @Test(
        "takes a file for damaged when the numbers of its meta pages do not follow each other", arguments: [0, 4096],
        [0, 3, 20, 63])
    func numbers(page: Int, bit: Int) throws {
        var random = SeededGenerator.forTest("numbers of meta pages")
        let directory = try TemporaryDirectory("lmdb")
        let path = try made(directory, &random)
        try Environment.verify(directory.path)
        // 4 and 5: whichever is changed, the file may seem to be what it was a commit ago.
        var bytes = try FileSystem.read(path)
        bytes[page + 144 + bit / 8] ^= UInt8(1 << (bit % 8))
        try FileSystem.writeAtomically(path, bytes)
        let error = #expect(throws: LMDBError.self) { try Environment.verify(directory.path) }
        #expect(error?.isDamage == true)
        #expect(throws: LMDBError.self) { _ = try Environment(directory.path, Fixture.options(create: false)) }
    }

    @Test("lets no file pass on which LMDB would end the process, or overlook an entry")
    func flips() throws {
        var random = SeededGenerator.forTest("flipped pages")
        let directory = try TemporaryDirectory("lmdb")
        let path = try made(directory, &random)
        let sound = try FileSystem.read(path)
        let count = try readAll(directory)
        var foundCount = 0
        for _ in 0..<400 {
            var bytes = sound
            // Heads of pages and places of nodes are where damage is worst.
            let page = Int.random(in: 0..<(bytes.count / 4096), using: &random) * 4096
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<(random.oneIn(3) ? 4096 : page < 8192 ? 152 : 64), using: &random)
                bytes[page + place] ^= UInt8(1 << Int.random(in: 0..<8, using: &random))
            }
            try FileSystem.writeAtomically(path, bytes)
            do {
                try Environment.verify(directory.path)
            } catch {
                #expect(error.isDamage)
                foundCount += 1
                continue
            }
            // One flip can make a 6 of the older meta page's 4: then the file is as it was one commit before.
            let isOlder = try Environment.lastTransaction(directory.path) != 5
            do {
                let found = try readAll(directory)
                #expect(found == count || isOlder)
            } catch {
                #expect((error as? LMDBError)?.isDamage == true)
            }
        }
        #expect(foundCount > 30)
    }

    @Test("finds a page that is both used and free, before a write would take it")
    func freeList() throws {
        var random = SeededGenerator.forTest("free pages")
        let directory = try TemporaryDirectory("lmdb")
        let path = try made(directory, &random)
        let sound = try FileSystem.read(path)
        let meta = [0, 4096].max { number(sound, $0 + 144) < number(sound, $1 + 144) } ?? 0
        let page = number(sound, meta + 80) * 4096
        #expect(sound[page + 10] == 2)  // A leaf: the free table is small.
        let node = page + Int(sound[page + 16]) + Int(sound[page + 17]) << 8
        let list = node + 8 + 8
        #expect(number(sound, list) > 0)
        for wanted in [2, number(sound, meta + 88 + 40), number(sound, list + 16)] {
            var bytes = sound
            for index in 0..<8 { bytes[list + 8 + index] = UInt8(truncatingIfNeeded: wanted >> (8 * index)) }
            if bytes == sound { continue }
            try FileSystem.writeAtomically(path, bytes)
            #expect(throws: LMDBError.corrupted) { try Environment.verify(directory.path) }
        }
    }

    private func number(_ bytes: [UInt8], _ offset: Int) -> Int {
        (0..<8).reversed().reduce(0) { $0 << 8 | Int(bytes[offset + $1]) }
    }
}

import Files
import LMDB
import TestKit
import Testing

@Suite("A walk over a file's pages") struct PageWalkTests {
    /// A closed environment with branches, overflow pages, free pages and an empty table.
    private func made(_ directory: TemporaryDirectory, _ random: inout SeededGenerator) throws -> String {
        let environment = try Environment(directory.path, Fixture.options())
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
        return directory.entry("data.mdb")
    }

    /// Reads every entry of both tables.
    private func readAll(_ directory: TemporaryDirectory) throws {
        let environment = try Environment(directory.path, Fixture.options(create: false))
        let transaction = try environment.beginRead()
        for table in 0..<2 {
            try transaction.withCursor(in: environment.table(table)) { (cursor) throws(LMDBError) in
                var stands = try cursor.move(.first)
                while stands {
                    cursor.withEntry { key, value in #expect(key.count + value.count > 0) }
                    stands = try cursor.move(.next)
                }
            }
        }
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

    @Test("lets no file pass on which LMDB would end the process")
    func flips() throws {
        var random = SeededGenerator.forTest("flipped pages")
        let directory = try TemporaryDirectory("lmdb")
        let path = try made(directory, &random)
        let sound = try FileSystem.read(path)
        var foundCount = 0
        for _ in 0..<300 {
            var bytes = sound
            // Heads of pages and places of nodes are where damage is worst.
            let page = Int.random(in: 2..<(bytes.count / 4096), using: &random) * 4096
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<(random.oneIn(3) ? 4096 : 64), using: &random)
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
            do { try readAll(directory) } catch { #expect((error as? LMDBError)?.isDamage == true) }
        }
        #expect(foundCount > 10)
    }
}

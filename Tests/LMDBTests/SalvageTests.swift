import Files
import LMDB
import TestKit
import Testing

@Suite("A salvage") struct SalvageTests {
    /// What is stored under a key: a text that can be told from all others, up to three pages long.
    private func value(_ number: Int) -> [UInt8] {
        Array(repeating: "<value of \(number)>", count: number % 7 == 0 ? 600 : 1 + number % 30).joined().utf8.map(
            \.self)
    }

    /// A closed environment of 300 entries in two tables, with pages that were given back.
    private func made(_ directory: TemporaryDirectory) throws -> String {
        let environment = try Environment(directory.path, Fixture.options())
        for round in 0..<3 {
            var transaction = try environment.beginWrite()
            for number in 0..<300 {
                let table = environment.table(number % 2)
                if round == 1 { try transaction.remove(Fixture.key(number).span, in: table) }
                if round != 1 { try transaction.put(Fixture.key(number).span, value(number).span, in: table) }
            }
            try transaction.commit()
        }
        return directory.entry("data.mdb")
    }

    private struct Found {
        var tables: [String: Set<[UInt8]>] = [:]
        var stray: Set<[UInt8]> = []
        var summary = SalvageSummary()
    }

    /// What is found as it was stored.
    private func salvage(_ directory: TemporaryDirectory) throws -> Found {
        var found = Found()
        let stored = Dictionary(uniqueKeysWithValues: (0..<300).map { (Fixture.key($0), value($0)) })
        found.summary = try Environment.salvage(directory.path) { (entry) throws(LMDBError) in
            guard stored[entry.key] == entry.value else { return }
            if let table = entry.table { found.tables[table, default: []].insert(entry.key) }
            if entry.table == nil { found.stray.insert(entry.key) }
        }
        return found
    }

    @Test("of a sound file gives every entry with its table, and no other")
    func sound() throws {
        let directory = try TemporaryDirectory("salvage")
        _ = try made(directory)
        let found = try salvage(directory)
        #expect(found.summary.isWhole)
        #expect(found.tables["first"]?.count == 150 && found.tables["second"]?.count == 150)
        #expect(found.stray.isEmpty)
    }

    @Test("finds what a damaged branch led to, and all but one entry of a damaged leaf", arguments: 0..<20)
    func damagedPage(round: Int) throws {
        let directory = try TemporaryDirectory("salvage")
        let path = try made(directory)
        var bytes = try FileSystem.read(path)
        var random = SeededGenerator(seed: UInt64(round))
        let pages = (2..<(bytes.count / 4096)).filter { [1, 2].contains(bytes[$0 * 4096 + 10]) }
        let page = try #require(pages.randomElement(using: &random)) * 4096
        // One place in the head or among the places of the nodes.
        bytes[page + Int.random(in: 8..<24, using: &random)] ^= UInt8(1 << Int.random(in: 0..<8, using: &random))
        try FileSystem.writeAtomically(path, bytes)
        let found = try salvage(directory)
        let all = found.tables.values.reduce(found.stray) { $0.union($1) }
        #expect(all.count >= 299)
    }

    @Test("finds the entries of a file that has lost both its meta pages")
    func noMeta() throws {
        let directory = try TemporaryDirectory("salvage")
        let path = try made(directory)
        var bytes = try FileSystem.read(path)
        for place in 0..<8192 { bytes[place] = 0 }
        try FileSystem.writeAtomically(path, bytes)
        let found = try salvage(directory)
        #expect(found.stray.count == 300)
        #expect(!found.summary.isWhole && !found.summary.knowsFreePages)
    }

    @Test("reads any file without harm")
    func noise() throws {
        let directory = try TemporaryDirectory("salvage")
        let path = try made(directory)
        let sound = try FileSystem.read(path)
        var random = SeededGenerator.forTest("salvage of noise")
        for _ in 0..<60 {
            var bytes = Array(
                sound.prefix(random.oneIn(3) ? Int.random(in: 0..<sound.count, using: &random) : sound.count))
            for _ in 0..<Int.random(in: 1...200, using: &random) where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8(truncatingIfNeeded: random.next())
            }
            try FileSystem.writeAtomically(path, bytes)
            let found = try salvage(directory)
            #expect(found.stray.count <= 300)
        }
    }
}

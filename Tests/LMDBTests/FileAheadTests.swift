import Files
import LMDB
import TestKit
import Testing

@Suite("A file that is written a little at a time") struct FileAheadTests {
    private let directory: TemporaryDirectory
    private let path: String
    private let value = [UInt8](repeating: 7, count: 3000)

    init() throws {
        directory = try TemporaryDirectory("lmdb")
        path = directory.entry("a")
        try FileSystem.makeDirectory(path)
    }

    private func byteCount() throws -> Int { try FileSystem.size(path + "/data.mdb") }

    private func put(_ numbers: Range<Int>, in environment: Environment) throws {
        try Fixture.put(environment, numbers.map { (Fixture.key($0), value) })
    }

    @Test("grows by many pages at a time, and every other commit finds its blocks there")
    func steps() throws {
        let environment = try Environment(path, Fixture.options())
        try put(0..<100, in: environment)
        var sizes: [Int] = []
        for number in 100..<200 {
            try put(number..<(number + 1), in: environment)
            sizes.append(try byteCount())
        }
        #expect(zip(sizes, sizes.dropFirst()).count { $0 != $1 } < 10)
        let used = environment.size().usedByteCount
        #expect(used > 200 * 4096 && sizes[99] >= used && sizes[99] <= used + 64 * 4096)
        #expect(try (0..<200).allSatisfy { try Fixture.value(environment, Fixture.key($0)) == value })
    }

    @Test("goes on in the blocks it has when it is opened again, and is sound")
    func reopened() throws {
        var sizes: Set<Int> = []
        for number in 0..<40 {
            let environment = try Environment(path, Fixture.options())
            try put(number == 0 ? 0..<100 : (99 + number)..<(100 + number), in: environment)
            if number > 0 { sizes.insert(try byteCount()) }
        }
        #expect(sizes.count < 6)
        try Environment.verify(path)
    }

    @Test("has no more than its pages while it is small, and after a large commit")
    func none() throws {
        let environment = try Environment(path, Fixture.options())
        try put(0..<1, in: environment)
        #expect(try byteCount() <= environment.size().usedByteCount)
        try put(1..<1000, in: environment)
        #expect(try byteCount() <= environment.size().usedByteCount)
    }
}

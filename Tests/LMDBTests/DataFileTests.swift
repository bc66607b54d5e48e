import Files
import LMDB
import TestKit
import Testing

@Suite("A data file that is not as it was") struct DataFileTests {
    /// A closed environment with some pages, and the path of its data file.
    private func made(_ directory: TemporaryDirectory) throws -> String {
        let environment = try Environment(directory.path, Fixture.options())
        try Fixture.put(environment, (0..<100).map { (Fixture.key($0), [UInt8](repeating: 1, count: 500)) })
        return directory.entry("data.mdb")
    }

    private func open(_ directory: TemporaryDirectory) throws {
        _ = try Environment(directory.path, Fixture.options(create: false))
    }

    @Test("is refused when it was cut, before it is mapped")
    func truncated() throws {
        let directory = try TemporaryDirectory("lmdb")
        let path = try made(directory)
        let byteCount = try FileSystem.size(path)
        for cut in [byteCount - 8192, byteCount / 2 / 4096 * 4096, 8192] {
            try ByteFaults.truncate(path, to: cut)
            #expect { try open(directory) } throws: { error in
                guard case .truncated(path, cut, let needed)? = error as? LMDBError else { return false }
                return needed > cut && needed <= byteCount
            }
        }
    }

    @Test("is refused when less than its meta pages is left", arguments: [0, 1, 100, 4096, 4200])
    func stump(byteCount: Int) throws {
        let directory = try TemporaryDirectory("lmdb")
        let path = try made(directory)
        try ByteFaults.truncate(path, to: byteCount)
        #expect(throws: LMDBError.notLMDB(path)) { try open(directory) }
    }

    @Test("is never taken for an empty one when it is lost")
    func lost() throws {
        let directory = try TemporaryDirectory("lmdb")
        let path = try made(directory)
        try FileSystem.remove(path)
        #expect(throws: LMDBError.notFound(path)) { try open(directory) }
    }

    @Test("is refused when it holds something else")
    func other() throws {
        let directory = try TemporaryDirectory("lmdb")
        let path = directory.entry("data.mdb")
        try FileSystem.writeAtomically(path, Array(repeating: UInt8(ascii: "x"), count: 100_000))
        #expect(throws: LMDBError.notLMDB(path)) { try open(directory) }
    }

    @Test(
        "is refused when a meta page has another magic, kind or page size", arguments: [0, 4096], [10, 16, 19, 40, 41])
    func metaFlip(page: Int, place: Int) throws {
        let directory = try TemporaryDirectory("lmdb")
        let path = try made(directory)
        try ByteFaults.flip(path, at: page + place, mask: 0x08)
        #expect(throws: LMDBError.notLMDB(path)) { try open(directory) }
    }

    @Test("is refused when its format has another version", arguments: [0, 4096])
    func version(page: Int) throws {
        let directory = try TemporaryDirectory("lmdb")
        let path = try made(directory)
        try ByteFaults.flip(path, at: page + 20, mask: 0x02)
        #expect(throws: LMDBError.versionMismatch(path)) { try open(directory) }
    }
}

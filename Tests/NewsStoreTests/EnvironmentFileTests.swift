import LMDB
import TestKit
import Testing

@testable import NewsStore

/// What is closed for memory may be wanted again by the very next write.
@Suite("A file of the store that is closed and opened again") struct EnvironmentFileTests {
    private let directory: TemporaryDirectory
    private let file: EnvironmentFile

    init() throws {
        directory = try TemporaryDirectory("store")
        var options = EnvironmentOptions(tables: ["one"])
        options.create = true
        file = EnvironmentFile(path: directory.path, options: options)
    }

    @Test("serves the next user though the last one has not dropped its reference")
    func reference() throws {
        let earlier = try file.pin()
        #expect(!file.close())
        file.unpin()
        #expect(file.close() && !file.isOpen)
        let later = try file.pin()
        #expect(later !== earlier)
        try later.beginWrite().commit()
        file.unpin()
        withExtendedLifetime(earlier) {}
    }

    @Test("ends its readers, who may end once more")
    func readers() throws {
        let (reader, tables) = try file.makeReader()
        #expect(try reader.read { _ in })
        #expect(file.close())
        #expect(try !reader.read { _ in })
        file.endReader(reader)
        let (again, _) = try file.makeReader()
        var count: Int?
        #expect(try again.read { (transaction) throws(LMDBError) in count = try transaction.count(tables[0]) })
        #expect(count == 0)
        file.endReader(again)
        #expect(file.close())
    }
}

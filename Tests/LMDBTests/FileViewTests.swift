import Files
import LMDB
import TestKit
import Testing

@Suite("The view of a file that is copied") struct FileViewTests {
    private func open(_ directory: TemporaryDirectory) throws -> Environment {
        var options = EnvironmentOptions(tables: ["first"])
        options.create = true
        options.mapSize = 1 << 26
        return try Environment(directory.path, options)
    }

    private func put(_ environment: Environment, _ numbers: Range<Int>, _ text: String) throws {
        var transaction = try environment.beginWrite()
        for number in numbers {
            try transaction.put(
                Array("key \(number)".utf8).span, Array(String(repeating: text, count: 300).utf8).span,
                in: environment.table(0))
        }
        try transaction.commit()
    }

    /// Copies in small pieces, with something done before each.
    private func copy(_ view: FileView, to path: String, _ step: (Int) throws -> Void) throws {
        var bytes: [UInt8] = []
        while bytes.count < view.byteCount {
            try step(bytes.count)
            bytes += try #require(try view.read(at: bytes.count, count: 10_000))
        }
        try FileSystem.writeAtomically(path, bytes)
    }

    @Test("is what the last transaction left, whatever is committed while it is copied")
    func copied() throws {
        let (directory, target) = (try TemporaryDirectory("lmdb"), try TemporaryDirectory("lmdb"))
        let environment = try open(directory)
        for round in 0..<5 { try put(environment, 0..<40, "old \(round) ") }
        let view = try FileView(environment)
        var round = 0
        try copy(view, to: target.entry("data.mdb")) { _ in
            round += 1
            try put(environment, 0..<60, "new \(round) ")
        }
        #expect(round > 3)
        view.end()
        #expect(try view.read(at: 8192, count: 100) == nil)
        try Environment.verify(target.path)
        #expect(try Environment.lastTransaction(target.path) == view.transaction)
        let copy = try Environment(target.path, EnvironmentOptions(tables: ["first"]))
        let transaction = try copy.beginRead()
        #expect(try transaction.count(copy.table(0)) == 40)
        for number in 0..<40 {
            var text = ""
            let key = Array("key \(number)".utf8)
            _ = try transaction.withValue(of: key.span, in: copy.table(0)) { value in
                text = String(decoding: value.indices.map { value[$0] }, as: UTF8.self)
            }
            #expect(text == String(repeating: "old 4 ", count: 300))
        }
    }

    @Test("holds old pages, and gives them back when it is ended")
    func pages() throws {
        let directory = try TemporaryDirectory("lmdb")
        let environment = try open(directory)
        for round in 0..<5 { try put(environment, 0..<40, "old \(round) ") }
        let before = environment.size().usedByteCount
        let view = try FileView(environment)
        for round in 0..<5 { try put(environment, 0..<40, "new \(round) ") }
        let held = environment.size().usedByteCount
        view.end()
        for round in 0..<20 { try put(environment, 0..<40, "end \(round) ") }
        #expect(held > before && environment.size().usedByteCount <= held + before)
    }
}

import Files
import TestKit
import Testing

@Suite("Reading a file piece by piece") struct FileReaderTests {
    @Test("gives every byte once, then nothing")
    func pieces() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/pieces"
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
        try FileSystem.writeAtomically(path, bytes)
        let reader = try FileReader(path)
        var found: [UInt8] = []
        while true {
            let piece = try reader.read(upTo: 300)
            if piece.isEmpty { break }
            #expect(piece.count == min(300, bytes.count - found.count))
            found += piece
        }
        #expect(found == bytes)
        #expect(try reader.read(upTo: 300).isEmpty)
    }

    @Test("names the path that cannot be opened")
    func absent() {
        let error = #expect(throws: FileError.self) { try FileReader("/nonexistent/file") }
        #expect(error?.reason == .notFound && error?.path == "/nonexistent/file")
    }
}

import Files
import TestKit
import Testing

@Suite("Stamps of files") struct FileStampTests {
    @Test("stay while the file does, and change when it is replaced by equal bytes")
    func replaced() throws {
        let directory = try TemporaryDirectory("stamp")
        let path = directory.entry("a")
        try FileSystem.writeAtomically(path, [1], mode: 0o600)
        let first = try FileStamp(of: path)
        #expect(try FileStamp(of: path) == first)
        // Kept under another name, so that its inode is not given to the new file.
        try FileSystem.rename(path, to: directory.entry("old"))
        try FileSystem.writeAtomically(path, [1], mode: 0o600)
        #expect(try FileStamp(of: path) != first)
    }

    @Test("tell who may write", arguments: [(0o600, false), (0o644, false), (0o664, true), (0o606, true)])
    func mode(mode: UInt32, isWritable: Bool) throws {
        let directory = try TemporaryDirectory("stamp")
        try FileSystem.writeAtomically(directory.entry("a"), [1], mode: 0o600)
        try FileSystem.setMode(directory.entry("a"), mode)
        let stamp = try FileStamp(of: directory.entry("a"))
        #expect(stamp.mode == mode && stamp.isWritableByOthers == isWritable)
    }

    @Test("of a file that is not there fail by its name")
    func absent() throws {
        let directory = try TemporaryDirectory("stamp")
        #expect {
            try FileStamp(of: directory.entry("b"))
        } throws: { error in
            (error as? FileError)?.reason == .notFound
        }
    }
}

@Suite("Random bytes") struct SystemRandomTests {
    @Test("come in the number asked for, and never the same", arguments: [0, 1, 32, 256])
    func count(count: Int) {
        #expect(SystemRandom.bytes(count).count == count)
        if count >= 32 { #expect(SystemRandom.bytes(count) != SystemRandom.bytes(count)) }
    }
}

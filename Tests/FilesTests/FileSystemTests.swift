import Files
import Foundation
import TestKit
import Testing

@Suite("Files") struct FilesTests {
    @Test("reads back what was written, of any size", arguments: [0, 1, 4096, 300_000])
    func roundTrip(byteCount: Int) throws {
        let directory = try TemporaryDirectory("files")
        var random = SeededGenerator(seed: UInt64(byteCount))
        let bytes = random.bytes(byteCount)
        try FileSystem.writeAtomically(directory.entry("a"), bytes)
        #expect(try FileSystem.read(directory.entry("a")) == bytes)
        #expect(try FileSystem.size(directory.entry("a")) == byteCount)
        #expect(try FileSystem.readPrefix(directory.entry("a"), count: 7) == Array(bytes.prefix(7)))
    }

    @Test("replaces a file whole and leaves no other file behind")
    func replaces() throws {
        let directory = try TemporaryDirectory("files")
        try FileSystem.writeAtomically(directory.entry("a"), Array("a long first content".utf8))
        try FileSystem.writeAtomically(directory.entry("a"), Array("second".utf8))
        #expect(try FileSystem.read(directory.entry("a")) == Array("second".utf8))
        #expect(try FileSystem.list(directory.path) == ["a"])
    }

    @Test("leaves the old file when it cannot be replaced")
    func replacementFails() throws {
        let directory = try TemporaryDirectory("files")
        try FileSystem.makeDirectory(directory.entry("a"))
        #expect(throws: FileError.self) { try FileSystem.writeAtomically(directory.entry("a"), [1]) }
        #expect(try FileSystem.kind(directory.entry("a")) == .directory)
    }

    @Test("refuses a file above the limit")
    func limit() throws {
        let directory = try TemporaryDirectory("files")
        try FileSystem.writeAtomically(directory.entry("a"), [1, 2, 3])
        #expect(try FileSystem.read(directory.entry("a"), limit: 3) == [1, 2, 3])
        #expect {
            try FileSystem.read(directory.entry("a"), limit: 2)
        } throws: {
            ($0 as? FileError)?.reason == .tooLarge
        }
    }

    @Test("tells a file that is too large to be read from one that may not become as large")
    func fileSizeLimit() {
        #expect(FileError(.read, "/a", code: EFBIG).reason == .tooLarge)
        #expect(FileError(.write, "/a", code: EFBIG).reason == .noSpace)
    }

    @Test("says what was being done to which path")
    func failure() throws {
        let directory = try TemporaryDirectory("files")
        let path = directory.entry("absent")
        #expect { try FileSystem.read(path) } throws: { error in
            guard let error = error as? FileError else { return false }
            return error.reason == .notFound && error.operation == .open
                && error.description == "cannot open \(path): No such file or directory"
        }
    }

    @Test("refuses paths that the system would cut or misread", arguments: ["", "a\0b"])
    func badPath(path: String) {
        #expect { try FileSystem.read(path) } throws: { ($0 as? FileError)?.reason == .badPath }
        #expect { try FileSystem.list(path) } throws: { ($0 as? FileError)?.reason == .badPath }
        #expect { try FileSystem.makeDirectory(path) } throws: { ($0 as? FileError)?.reason == .badPath }
        #expect { try FileSystem.remove(path) } throws: { ($0 as? FileError)?.reason == .badPath }
        #expect { try FileSystem.kind(path) } throws: { ($0 as? FileError)?.reason == .badPath }
    }

    @Test("makes directories, with those above them on demand")
    func directories() throws {
        let directory = try TemporaryDirectory("files")
        #expect { try FileSystem.makeDirectory(directory.entry("a/b/c")) } throws: {
            ($0 as? FileError)?.reason == .notFound
        }
        try FileSystem.makeDirectory(directory.entry("a/b/c"), intermediates: true)
        try FileSystem.makeDirectory(directory.entry("a/b/c"))
        try FileSystem.syncDirectory(directory.entry("a/b"))
        #expect(try FileSystem.kind(directory.entry("a/b/c")) == .directory)
    }

    @Test("does not take a file for a directory")
    func notDirectory() throws {
        let directory = try TemporaryDirectory("files")
        try FileSystem.writeAtomically(directory.entry("a"), [1])
        #expect { try FileSystem.makeDirectory(directory.entry("a")) } throws: {
            ($0 as? FileError)?.reason == .notDirectory
        }
        #expect(try FileSystem.kind(directory.entry("a/b")) == nil)
    }

    @Test("lists names in order of their bytes")
    func list() throws {
        let directory = try TemporaryDirectory("files")
        for name in ["b", "a", "B", "中", ".hidden"] { try FileSystem.writeAtomically(directory.entry(name), []) }
        #expect(try FileSystem.list(directory.path) == [".hidden", "B", "a", "b", "中"])
    }

    @Test("removes files and trees, and does not mind when they are absent")
    func remove() throws {
        let directory = try TemporaryDirectory("files")
        try FileSystem.makeDirectory(directory.entry("t/u"), intermediates: true)
        try FileSystem.writeAtomically(directory.entry("t/u/f"), [1])
        try FileSystem.writeAtomically(directory.entry("f"), [1])
        for _ in 0..<2 {
            try FileSystem.remove(directory.entry("f"))
            try FileSystem.removeTree(directory.entry("t"))
        }
        #expect(try FileSystem.list(directory.path).isEmpty)
        #expect(try !FileSystem.exists(directory.entry("t")))
    }

    @Test("renames over what has the new name")
    func rename() throws {
        let directory = try TemporaryDirectory("files")
        try FileSystem.writeAtomically(directory.entry("a"), [1])
        try FileSystem.writeAtomically(directory.entry("b"), [2])
        try FileSystem.rename(directory.entry("a"), to: directory.entry("b"))
        #expect(try FileSystem.list(directory.path) == ["b"])
        #expect(try FileSystem.read(directory.entry("b")) == [1])
    }

    @Test(
        "tells the directory of a path",
        arguments: [("/a/b", "/a"), ("/a", "/"), ("a", "."), ("a/b/", "a"), ("/", "/"), ("./x", ".")])
    func parent(path: String, parent: String) {
        #expect(FileSystem.parent(of: path) == parent)
    }
}

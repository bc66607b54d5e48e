import Files
import TestKit
import Testing

@Suite("The lock of a directory") struct DirectoryLockTests {
    @Test("is held by one at a time, also within one process, and ends with its value")
    func exclusive() throws {
        let directory = try TemporaryDirectory("lock")
        var first: DirectoryLock? = try DirectoryLock(directory.path)
        #expect(first != nil)
        #expect { _ = try DirectoryLock(directory.path) } throws: { ($0 as? FileError)?.reason == .wouldBlock }
        first = nil
        _ = try DirectoryLock(directory.path)
    }

    @Test("does not mind a lock file that a killed process left")
    func stale() throws {
        let directory = try TemporaryDirectory("lock")
        try FileSystem.writeAtomically(directory.entry("LOCK"), Array("pid 1".utf8))
        _ = try DirectoryLock(directory.path)
    }

    @Test("cannot be taken where there is no directory")
    func absent() throws {
        let directory = try TemporaryDirectory("lock")
        #expect { _ = try DirectoryLock(directory.entry("absent")) } throws: {
            ($0 as? FileError)?.reason == .notFound
        }
    }
}

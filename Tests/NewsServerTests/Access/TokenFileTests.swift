import Access
import Files
import NewsServer
import TestKit
import Testing

@Suite("The token file on disk") struct TokenFileTests {
    private let folder: TemporaryDirectory
    private let file: TokenFile

    init() throws {
        folder = try TemporaryDirectory("tokens")
        file = TokenFile(folder.entry("tokens"))
    }

    private func problem(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "none"
        } catch {
            return "\(error)".replacing(folder.path, with: "DIR")
        }
    }

    @Test("is made by the first entry, for its owner alone, and grows and shrinks")
    func changes() throws {
        try file.add(AccessKit.entry("a", .articlesRead))
        try file.add(AccessKit.entry("b"))
        #expect(try FileStamp(of: file.path).mode == 0o600)
        #expect(try file.read().map(\.name) == ["a", "b"])
        try file.remove("a")
        #expect(try file.read().map(\.name) == ["b"])
        #expect(try FileStamp(of: file.path).mode == 0o600)
    }

    @Test("is the only file that changes leave")
    func alone() throws {
        try file.add(AccessKit.entry("a"))
        try file.remove("a")
        #expect(try FileSystem.list(folder.path) == ["tokens"])
    }

    @Test("stays for its owner alone beside what an interrupted change left")
    func leftOver() throws {
        try FileSystem.writeAtomically(file.path + ".new", [1], mode: 0o666)
        try FileSystem.setMode(file.path + ".new", 0o666)
        try file.add(AccessKit.entry("a"))
        #expect(try FileStamp(of: file.path).mode == 0o600)
    }

    @Test("is not changed by what is wrong, which is told")
    func refusals() throws {
        #expect(problem { _ = try file.read() } == "cannot examine DIR/tokens: No such file or directory")
        try file.add(AccessKit.entry("a"))
        let bytes = try FileSystem.read(file.path)
        #expect(
            problem { try file.add(AccessKit.entry("a")) }
                == "DIR/tokens has a \"a\" already; revoke it, or choose another name")
        var same = AccessKit.entry("a")
        same.name = "b"
        #expect(
            problem { try file.add(same) }
                == "DIR/tokens, line 2: an earlier line has the same token or certificate")
        #expect(problem { try file.remove("c") } == "DIR/tokens has no \"c\"")
        #expect(try FileSystem.read(file.path) == bytes)
        let lock = try DirectoryLock(itself: folder.path)
        #expect(
            problem { try file.remove("a") } == "DIR/tokens is being changed by another process; try again")
        withExtendedLifetime(lock) {}
        try FileSystem.setMode(file.path, 0o620)
        #expect(
            problem { _ = try file.read() }
                == "DIR/tokens may be written by others than its owner (mode 620): chmod 600")
    }

    @Test("must be there and good before a watch begins")
    func firstRead() throws {
        #expect(throws: TokenFileError.self) { try TokenFileWatch(file) }
        try FileSystem.writeAtomically(file.path, Array("{".utf8), mode: 0o600)
        #expect(throws: TokenFileError.self) { try TokenFileWatch(file) }
    }

    @Test("is read again when it has changed, and a broken one is told once")
    func watch() throws {
        try file.add(AccessKit.entry("a"))
        let watch = try TokenFileWatch(file)
        func look(isForced: Bool = false) -> String {
            switch watch.check(isForced: isForced) {
            case .unchanged: "unchanged"
            case .changed(let table): table.entries.map(\.name).joined(separator: ",")
            case .failed: "failed"
            }
        }
        #expect(watch.first.entries.map(\.name) == ["a"])
        #expect(look() == "unchanged")
        #expect(look(isForced: true) == "a")
        try file.add(AccessKit.entry("b"))
        #expect(look() == "a,b")
        try FileSystem.writeAtomically(file.path, Array("{".utf8), mode: 0o600)
        #expect(look() == "failed")
        #expect(look() == "unchanged")
        try FileSystem.remove(file.path)
        #expect(look() == "failed")
        #expect(look() == "unchanged")
        try file.add(AccessKit.entry("c"))
        #expect(look() == "c")
    }
}

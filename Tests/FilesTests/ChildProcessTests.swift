import Files
import Testing

@Suite("A child process") struct ChildProcessTests {
    private static let second: Int64 = 1_000_000_000

    @Test("is read line by line, to the last one without an end")
    func lines() throws {
        var child = try ChildProcess("/bin/sh", ["-c", "echo one; printf 'two\\n\\nthree'"])
        var lines: [String] = []
        while let line = try child.nextLine(timeout: 30 * Self.second) { lines.append(line) }
        #expect(lines == ["one", "two", "", "three"])
        let hasTimedOut = child.hasTimedOut
        #expect(!hasTimedOut)
        let ending = child.wait()
        #expect(ending == .exited(0))
    }

    @Test("says how it ended: by itself or by a signal", arguments: [("exit 3", false), ("kill -SEGV $$", true)])
    func ending(script: String, isSignalled: Bool) throws {
        var child = try ChildProcess("/bin/sh", ["-c", script])
        let line = try child.nextLine(timeout: 30 * Self.second)
        #expect(line == nil)
        let ending = child.wait()
        #expect(ending == (isSignalled ? .signalled(11) : .exited(3)))
    }

    @Test("that says nothing is waited for until the time is over, and can be killed")
    func timeout() throws {
        var child = try ChildProcess("/bin/sh", ["-c", "echo begun; exec sleep 600"])
        let first = try child.nextLine(timeout: 30 * Self.second)
        #expect(first == "begun")
        let second = try child.nextLine(timeout: 20_000_000)
        let hasTimedOut = child.hasTimedOut
        #expect(second == nil && hasTimedOut)
        let ending = child.kill()
        #expect(ending == .signalled(9))
    }

    @Test("that does not exist is an error and no process")
    func absent() {
        #expect {
            _ = try ChildProcess("/nowhere/program", [])
        } throws: { ($0 as? FileError)?.reason == .notFound }
    }
}

#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// A program that runs beside this process and says things in lines. It is killed when the value ends before it.
package struct ChildProcess: ~Copyable {
    private let process: pid_t
    private let output: Int32
    private let path: String
    private var pending: [UInt8] = []
    private var hasEnded = false
    private var isReaped = false

    /// How a program ended.
    package enum Ending: Hashable, Sendable {
        case exited(Int32)
        case signalled(Int32)
    }

    /// Starts a program. It gets no input, its standard output is read here, and its standard error is this process's.
    package init(_ program: String, _ arguments: [String]) throws(FileError) {
        guard !([program] + arguments).contains(where: { $0.utf8.contains(0) }) else {
            throw FileError(.start, program, code: 0)
        }
        var ends: [Int32] = [-1, -1]
        // A socket pair and not a pipe: that one cannot be closed on exec from its first moment on without pipe2, and
        // another child that is started just now would keep it open.
        guard
            unsafe ends.withUnsafeMutableBufferPointer({
                unsafe socketpair(AF_UNIX, ChildProcess.type, 0, $0.baseAddress)
            }) == 0
        else {
            throw .last(.start, program)
        }
        let (code, number) = ChildProcess.spawn(program, arguments, writingTo: ends[1])
        _ = close(ends[1])
        guard code == 0 else {
            _ = close(ends[0])
            throw FileError(.start, program, code: code)
        }
        (process, output, path) = (number, ends[0], program)
    }

    deinit {
        if !isReaped {
            ChildProcess.end(process)
            var status: Int32 = 0
            _ = retryingOnInterrupt { unsafe Int(waitpid(process, &status, 0)) }
        }
        _ = close(output)
    }

    #if canImport(Glibc)
    private static var type: Int32 { Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue) }
    #else
    private static var type: Int32 { SOCK_STREAM | SOCK_CLOEXEC }
    #endif

    private static func spawn(_ program: String, _ arguments: [String], writingTo end: Int32) -> (Int32, pid_t) {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        _ = unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        _ = unsafe posix_spawn_file_actions_adddup2(&actions, end, 1)
        // Copies, freed below; the list ends with a null pointer.
        var words: [UnsafeMutablePointer<CChar>?] = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
        defer { for index in 0...(arguments.count + 1) { unsafe free(words[index]) } }
        var process: pid_t = 0
        let code = unsafe posix_spawn(&process, program, &actions, nil, &words, environ)
        return (code, process)
    }

    /// The next line that it says, without its end. What stands before the end of the stream is a line too.
    ///
    /// - Parameter timeout: in nanoseconds.
    /// - Returns: `nil` at the end of what it says, and when nothing came in time: then `hasTimedOut`.
    package mutating func nextLine(timeout: Int64) throws(FileError) -> String? {
        hasTimedOut = false
        let deadline = ChildProcess.now + max(0, timeout)
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: pending[..<end], as: UTF8.self)
                pending.removeSubrange(...end)
                return line
            }
            if hasEnded {
                guard !pending.isEmpty else { return nil }
                defer { pending = [] }
                return String(decoding: pending, as: UTF8.self)
            }
            let left = deadline - ChildProcess.now
            guard left > 0 else {
                hasTimedOut = true
                return nil
            }
            var waiting = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            // Rounded up, so that the wait does not end before the deadline.
            let ready = unsafe poll(&waiting, 1, Int32(clamping: (left + 999_999) / 1_000_000))
            if ready < 0, errno != EINTR { throw .last(.read, path) }
            guard ready > 0 else { continue }
            try readMore()
        }
    }

    /// Whether the last `nextLine` ended by its timeout.
    package private(set) var hasTimedOut = false

    /// Ends the program, if it runs still, and waits for its end.
    package mutating func kill() -> Ending {
        ChildProcess.end(process)
        return wait()
    }

    private static func end(_ process: pid_t) {
        #if canImport(Glibc)
        _ = Glibc.kill(process, SIGKILL)
        #else
        _ = Musl.kill(process, SIGKILL)
        #endif
    }

    /// Waits for the end of the program. To be called once.
    package mutating func wait() -> Ending {
        var status: Int32 = 0
        let number = process
        let result = retryingOnInterrupt { unsafe Int(waitpid(number, &status, 0)) }
        isReaped = true
        guard result == Int(number) else { return .exited(-1) }
        let signal = status & 0x7F
        return signal == 0 ? .exited(status >> 8 & 0xFF) : .signalled(signal)
    }

    private mutating func readMore() throws(FileError) {
        let number = output
        var count = 0
        let chunk = unsafe [UInt8](unsafeUninitializedCapacity: 4096) { buffer, initialized in
            count = retryingOnInterrupt { unsafe read(number, buffer.baseAddress, 4096) }
            initialized = max(0, count)
        }
        guard count >= 0 else { throw .last(.read, path) }
        if count == 0 { hasEnded = true }
        pending += chunk
    }

    private static var now: Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

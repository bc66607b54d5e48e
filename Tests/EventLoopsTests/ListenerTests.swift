import EventLoops
import Glibc
import Synchronization
import TestKit
import Testing
import Threads

@Suite("Listeners", .timeLimit(.minutes(5 * Patience.factor))) struct ListenerTests {
    private let clients: LoopThread

    init() throws { clients = try LoopThread(name: "clients") }

    @Test(
        "refuse and rest when the process is out of descriptors, and then go on", arguments: [EMFILE, ENFILE, ENOMEM])
    func exhausted(code: Int32) throws {
        let clock = ManualClock()
        let (isExhausted, tryCount) = (Monitor(true), Monitor(0))
        var configuration = EventLoop.Configuration()
        configuration.clock = { clock.now }
        configuration.acceptFault = {
            tryCount.withLock { $0 += 1 }
            return isExhausted.withLock { $0 } ? code : 0
        }
        let server = try Server(configuration: configuration) { _ in Echo() }
        let refused = try clients.connect(to: server.address) { Speaker([], log: $0) }
        #expect([.peer, .reset].contains(refused.log.closeReason))

        // The next one waits in the backlog while the listener rests, and the loop does not spin.
        let waiting = try clients.connect(to: server.address) { Speaker([1], log: $0) }
        for _ in 0..<10 { server.thread.finishTurn() }
        #expect(tryCount.withLock { $0 } == 1)

        isExhausted.withLock { $0 = false }
        clock.advance(by: .milliseconds(110))
        server.thread.finishTurn()
        #expect(waiting.log.wait { $0.received.count == 1 }.received == [1])
    }

    @Test("take a connection's own failure as that connection's", arguments: [ECONNABORTED, EPROTO, ENETDOWN, EPERM])
    func broken(code: Int32) throws {
        let faults = Monitor([code, code])
        var configuration = EventLoop.Configuration()
        configuration.acceptFault = { faults.withLock { $0.popLast() ?? 0 } }
        let server = try Server(configuration: configuration) { _ in Echo() }
        let client = try clients.connect(to: server.address) { Speaker([1], log: $0) }
        client.log.wait { $0.received.count == 1 }
    }

    @Test("share one port between loops, which all get connections")
    func reusePort() throws {
        let counts = (0..<2).map { _ in Monitor(0) }
        let loops = try (0..<2).map { _ in try LoopThread(name: "server") }
        var address = SocketAddress.ipv4(.loopback, port: 0)
        for (thread, count) in zip(loops, counts) {
            let wanted = address
            let listening = thread.call { loop in
                Result {
                    try loop.listen(on: wanted, reusePort: true) { _ in
                        count.withLock { $0 += 1 }
                        return Echo()
                    }
                }
            }
            address = try #require(listening).get()
        }
        let total = 64
        for _ in 0..<total {
            let client = try clients.connect(to: address) { Speaker([1], log: $0) }
            client.log.wait { $0.received.count == 1 }
        }
        let seen = counts.map { $0.withLock { $0 } }
        // The kernel deals by a hash of the addresses: all on one loop has a chance of 2 in 2^64.
        #expect(seen.reduce(0, +) == total)
        #expect(seen.allSatisfy { $0 > 0 })
    }

    @Test("refuse a port that is in use")
    func inUse() throws {
        let server = try Server { _ in Echo() }
        #expect(throws: LoopError.addressInUse(server.address)) { try EventLoop.requireUnused(server.address) }
        let other = try LoopThread(name: "other")
        let address = server.address
        let listening = other.call { loop in
            Result { try loop.listen(on: address, reusePort: false) { _ in nil } }
        }
        #expect(throws: LoopError.addressInUse(address)) { try #require(listening).get() }
    }

    /// An address at which no other test takes the port once it is free.
    private static let ownAddress = "127.0.0.2:0"

    @Test("say nothing of a port that is free, and leave it free")
    func unused() throws {
        let server = try Server(on: Self.ownAddress) { _ in Echo() }
        server.thread.post { loop in loop.closeListeners() }
        server.thread.finishTurn()
        try EventLoop.requireUnused(server.address)
        try EventLoop.requireUnused(server.address)
    }

    @Test("accept no more once they are closed, while connections go on")
    func closed() throws {
        let server = try Server(on: Self.ownAddress) { _ in Echo() }
        let client = try clients.connect(to: server.address) { Speaker([1], log: $0) }
        client.log.wait { $0.received.count == 1 }
        server.thread.post { loop in loop.closeListeners() }
        server.thread.finishTurn()
        let error = #expect(throws: LoopError.self) { try clients.connect(to: server.address) }
        #expect(error == .system(operation: "connect to \(server.address)", code: ECONNREFUSED))
        client.say([2], on: clients)
        client.log.wait { $0.received.count == 2 }
    }
}

@Suite("Unix sockets", .timeLimit(.minutes(5 * Patience.factor))) struct UnixSocketTests {
    private let clients: LoopThread
    private let directory: String

    init() throws {
        clients = try LoopThread(name: "clients")
        var template = Array("/tmp/newsrpc-XXXXXX".utf8CString)
        // mkdtemp(3) fills in the last six characters.
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe mkdtemp(buffer.baseAddress!).map { unsafe String(cString: $0) }
        }
        directory = try #require(made)
    }

    private func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    @Test("carry bytes, and their file goes with the listener")
    func echo() throws {
        let path = directory + "/socket"
        let server = try Server(on: "unix:" + path) { _ in Echo() }
        let client = try clients.connect(to: server.address) { Speaker(pattern(1 << 20), log: $0) }
        #expect(client.log.wait { $0.received.count >= 1 << 20 }.received == pattern(1 << 20))
        #expect(exists(path))
        server.thread.stop()
        #expect(!exists(path))
        #expect(client.log.closeReason == .peer)
        unsafe rmdir(directory)
    }

    @Test("take the place of a dead server's file")
    func stale() throws {
        let (path, kept) = (directory + "/socket", directory + "/kept")
        let first = try Server(on: "unix:" + kept) { _ in Echo() }
        // A second name for the file, which stays when the first server removes its own: as after a kill.
        #expect(unsafe link(kept, path) == 0)
        first.thread.stop()
        #expect(exists(path))
        let second = try Server(on: "unix:" + path) { _ in Echo() }
        let client = try clients.connect(to: second.address) { Speaker([1], log: $0) }
        client.log.wait { $0.received.count == 1 }
        second.thread.stop()
        #expect(!exists(path))
        unsafe rmdir(directory)
    }

    @Test("leave the place of a live server alone")
    func live() throws {
        let server = try Server(on: "unix:\(directory)/socket") { _ in Echo() }
        #expect(throws: LoopError.addressInUse(server.address)) {
            try Server(on: server.address.description) { _ in Echo() }
        }
        let client = try clients.connect(to: server.address) { Speaker([1], log: $0) }
        client.log.wait { $0.received.count == 1 }
        server.thread.stop()
        unsafe rmdir(directory)
    }

    @Test("never remove what is not a socket")
    func notASocket() throws {
        #expect(throws: LoopError.notASocket(path: directory)) { try Server(on: "unix:\(directory)") { _ in Echo() } }
        #expect(exists(directory))
        unsafe rmdir(directory)
    }

    @Test("leave a file alone that another server has put in their place")
    func replaced() throws {
        let path = directory + "/socket"
        let first = try Server(on: "unix:" + path) { _ in Echo() }
        unsafe unlink(path)
        let second = try Server(on: "unix:" + path) { _ in Echo() }
        first.thread.stop()
        #expect(exists(path))
        second.thread.stop()
        unsafe rmdir(directory)
    }
}

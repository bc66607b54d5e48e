import Bytes
import EventLoops
import Files
import TLS
import TLSTransport
import TestKit
import Testing
import Threads

/// What happened at one end of a connection. Tests wait for it to change.
struct Log: Sendable {
    var received: [UInt8] = []
    var identity: PeerIdentity?
    var isSecured = false
    var fault: String?
    var reason: CloseReason?
    var isPeerFinished = false
}

typealias SharedLog = Monitor<Log>

extension Monitor where State == Log {
    @discardableResult func wait(for condition: @Sendable (Log) -> Bool) -> Log {
        wait { log in condition(log) ? log : nil }
    }
}

/// Says what it is told to, keeps what it hears, and may send it back.
final class Talker: SecuredHandler {
    private let log: SharedLog
    private let echoes: Bool
    private var pending: [UInt8]
    private var sentCount = 0
    private let finishesAfterSaying: Bool
    private var hasPeerFinished = false

    init(_ log: SharedLog, says words: [UInt8] = [], echoes: Bool = false, finishesAfterSaying: Bool = false) {
        self.log = log
        self.echoes = echoes
        self.finishesAfterSaying = finishesAfterSaying
        pending = words
    }

    func secured(_ peer: PeerIdentity?) {
        log.broadcast { log in
            log.isSecured = true
            log.identity = peer
        }
    }

    func notSecured(_ fault: String) { log.broadcast { $0.fault = fault } }

    func received(_ bytes: Span<UInt8>) -> Bool {
        let copy = [UInt8](copying: bytes)
        if echoes { pending += copy }
        log.broadcast { $0.received += copy }
        return true
    }

    func peerFinished() -> Bool {
        hasPeerFinished = true
        log.broadcast { $0.isPeerFinished = true }
        return sentCount < pending.count
    }

    func produce(into output: ByteArena, limit: Int) -> Production {
        let count = min(limit, pending.count - sentCount)
        output.append(Array(pending[sentCount..<sentCount + count]))
        sentCount += count
        if sentCount < pending.count { return .more }
        return hasPeerFinished || finishesAfterSaying && sentCount > 0 ? .finished : .drained
    }

    func closed(_ reason: CloseReason) { log.broadcast { $0.reason = reason } }
}

/// Plain bytes, for peers that do not speak TLS.
final class PlainTalker: TransportHandler {
    private let log: SharedLog
    private var words: [UInt8]

    init(_ log: SharedLog, says words: [UInt8]) {
        self.log = log
        self.words = words
    }

    func received(_ bytes: Span<UInt8>) -> Bool {
        let copy = [UInt8](copying: bytes)
        log.broadcast { $0.received += copy }
        return true
    }

    func produce(into output: ByteArena, limit: Int) -> Production {
        output.append(words)
        words = []
        return .drained
    }

    func closed(_ reason: CloseReason) { log.broadcast { $0.reason = reason } }
}

/// Reads nothing after the first bytes until it is let go: it holds up its loop.
final class StubbornReader: SecuredHandler {
    private let gate: WaitFlag
    private var isHeld = true

    init(_ gate: WaitFlag) { self.gate = gate }

    func secured(_ peer: PeerIdentity?) {}
    func notSecured(_ fault: String) {}

    func received(_ bytes: Span<UInt8>) -> Bool {
        if isHeld { gate.wait() }
        isHeld = false
        return true
    }

    func produce(into output: ByteArena, limit: Int) -> Production { .drained }
    func closed(_ reason: CloseReason) {}
}

/// A server with TLS and clients of it, on real sockets.
final class Setup: Sendable {
    let thread: LoopThread
    let address: SocketAddress
    let atServer = SharedLog(Log())
    let certificates: TestCertificates

    init(
        _ certificates: TestCertificates, handshakeTimeout: Duration = .seconds(30),
        configuration: EventLoop.Configuration = EventLoop.Configuration(),
        change: (inout TLSServerSettings) throws -> Void = { _ in },
        handler: @escaping @Sendable (SharedLog) -> any SecuredHandler = { Talker($0, echoes: true) }
    ) throws {
        self.certificates = certificates
        var settings = TLSServerSettings(
            certificate: try certificates.file("server.pem"), key: try certificates.file("server.key"))
        try change(&settings)
        let context = try TLSContext(server: settings)
        thread = try LoopThread(name: "tls", configuration: configuration)
        let log = atServer
        let listening = thread.call { loop in
            Result {
                let scratch = ByteArena()
                return try loop.listen(on: .ipv4(.loopback, port: 0), reusePort: false) { transport in
                    transport.limitHandshake(to: handshakeTimeout)
                    let refusal: (FirstBytes) -> [UInt8]? = { [UInt8]("not TLS: \($0)".utf8) }
                    return TLSHandler(TLSSession(context), handler(log), scratch: scratch, refusal: refusal)
                }
            }
        }
        address = try #require(listening).get()
    }

    /// Connects a client with TLS.
    func connect(
        to name: String = "localhost", says words: [UInt8] = [], finishesAfterSaying: Bool = false,
        change: (inout TLSClientSettings) throws -> Void = { _ in }
    ) throws -> (log: SharedLog, transport: LoopBound<Transport>) {
        var settings = TLSClientSettings()
        settings.authorities = try certificates.file("ca.pem")
        try change(&settings)
        let context = try TLSContext(client: settings)
        return try connect { log in
            let talker = Talker(log, says: words, finishesAfterSaying: finishesAfterSaying)
            return TLSHandler(TLSSession(context, server: name), talker, scratch: ByteArena())
        }
    }

    /// - Parameter own: the client's loop, if it is to be another one than the server's.
    func connect(
        on own: LoopThread? = nil, _ handler: @escaping @Sendable (SharedLog) -> any TransportHandler
    ) throws -> (log: SharedLog, transport: LoopBound<Transport>) {
        let log = SharedLog(Log())
        let made = Monitor<Result<LoopBound<Transport>, LoopError>?>(nil)
        (own ?? thread).post { [address] loop in
            loop.connect(to: address, timeout: .seconds(30)) { result in
                if case .success(let transport) = result { transport.start(handler(log)) }
                let bound = result.map { LoopBound($0, loop: $0.loop) }
                made.signal { made in made = bound }
            }
        }
        return (log, try made.wait { $0 }.get())
    }
}

extension TestCertificates {
    func file(_ name: String) throws -> TLSFile { TLSFile(name: name, bytes: try FileSystem.read(path(name))) }
}

/// Runs what blocks its thread on a thread of its own: those of the tests are few, and others wait for them.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        _ = Thread.start(name: "blocking") { continuation.resume(with: Result { try body() }) }
    }
}

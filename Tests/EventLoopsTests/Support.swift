import Bytes
import EventLoops
import Testing
import Threads

/// What one end of a connection has seen so far. Tests wait for it to change.
struct Log: Sendable {
    var received: [UInt8] = []
    var producedByteCount = 0
    var reason: CloseReason?
    var closedCount = 0
    var isPeerFinished = false
    var alarmCount = 0
}

typealias SharedLog = Monitor<Log>

extension Monitor where State == Log {
    /// Waits for `condition` and returns the log then.
    @discardableResult func wait(for condition: @Sendable (Log) -> Bool) -> Log {
        wait { log in condition(log) ? log : nil }
    }

    var closeReason: CloseReason { wait { log in log.reason } }
    var current: Log { withLock { $0 } }
}

/// Sends back what it gets.
final class Echo: TransportHandler {
    /// What makes it stop.
    enum LastByte {
        case quit(UInt8)
        case fail(UInt8)
    }

    let log: SharedLog
    private let lastByte: LastByte?
    private var pending: [UInt8] = []
    private var hasFailed = false

    init(_ log: SharedLog = SharedLog(Log()), until lastByte: LastByte? = nil) {
        self.log = log
        self.lastByte = lastByte
    }

    func received(_ bytes: Span<UInt8>) -> Bool {
        let copy = [UInt8](copying: bytes)
        pending += copy
        log.broadcast { log in log.received += copy }
        switch lastByte {
        case .quit(let byte): return !copy.contains(byte)
        case .fail(let byte): hasFailed = copy.contains(byte)
        case nil: break
        }
        return true
    }

    func produce(into output: ByteArena, limit: Int) -> Production {
        if hasFailed { return .failed }
        let count = min(limit, pending.count)
        output.append(Array(pending[..<count]))
        pending.removeFirst(count)
        log.broadcast { log in log.producedByteCount += count }
        return pending.isEmpty ? .drained : .more
    }

    func closed(_ reason: CloseReason) { log.record(reason) }
}

/// Says what it is told to, in pieces, and keeps what it hears.
final class Speaker: TransportHandler {
    let log: SharedLog
    private var script: [UInt8]
    private var sentCount = 0
    private let pieceByteCount: Int
    private var isLastWord: Bool
    private let awaitsAnswer: Bool

    /// - Parameters:
    ///   - pieceByteCount: Bytes handed over at a time.
    ///   - isLastWord: Closes when everything is sent.
    ///   - awaitsAnswer: Stays when the peer sends no more.
    init(
        _ script: [UInt8], pieceByteCount: Int = .max, isLastWord: Bool = false, awaitsAnswer: Bool = false,
        log: SharedLog = SharedLog(Log())
    ) {
        self.script = script
        self.pieceByteCount = pieceByteCount
        self.isLastWord = isLastWord
        self.awaitsAnswer = awaitsAnswer
        self.log = log
    }

    func say(_ bytes: [UInt8], isLastWord: Bool = false) {
        script += bytes
        self.isLastWord = isLastWord
    }

    func received(_ bytes: Span<UInt8>) -> Bool {
        let copy = [UInt8](copying: bytes)
        log.broadcast { log in log.received += copy }
        return true
    }

    func peerFinished() -> Bool {
        log.broadcast { log in log.isPeerFinished = true }
        return awaitsAnswer
    }

    func produce(into output: ByteArena, limit: Int) -> Production {
        let count = min(limit, pieceByteCount, script.count - sentCount)
        output.append(Array(script[sentCount..<sentCount + count]))
        sentCount += count
        log.broadcast { log in log.producedByteCount += count }
        if sentCount < script.count { return .more }
        return isLastWord ? .finished : .drained
    }

    func closed(_ reason: CloseReason) { log.record(reason) }
}

/// Sends back what it gets, and sets its alarm once more when it has rung.
final class Ringing: TransportHandler {
    private let transport: Transport
    private let log: SharedLog
    private let echo: Echo
    private var ringCount = 0

    init(_ transport: Transport, log: SharedLog) {
        self.transport = transport
        self.log = log
        echo = Echo(log)
    }

    func received(_ bytes: Span<UInt8>) -> Bool { echo.received(bytes) }
    func produce(into output: ByteArena, limit: Int) -> Production { echo.produce(into: output, limit: limit) }
    func closed(_ reason: CloseReason) { log.record(reason) }

    func alarmRang() {
        ringCount += 1
        log.broadcast { $0.alarmCount += 1 }
        if ringCount == 1 { transport.alarm = transport.loop.now + 10_000_000_000 }
    }
}

extension Monitor where State == Log {
    func record(_ reason: CloseReason) {
        broadcast { log in
            log.reason = reason
            log.closedCount += 1
        }
    }
}

/// A loop that listens.
final class Server: Sendable {
    let thread: LoopThread
    let address: SocketAddress

    init(
        on text: String = "127.0.0.1:0", configuration: EventLoop.Configuration = EventLoop.Configuration(),
        accept: @escaping @Sendable (Transport) -> (any TransportHandler)?
    ) throws {
        thread = try LoopThread(name: "server", configuration: configuration)
        let wanted = try SocketAddress(parsing: text)
        let listening = thread.call { loop in
            Result { try loop.listen(on: wanted, reusePort: false, accept: accept) }
        }
        address = try #require(listening).get()
    }
}

extension LoopThread {
    /// Connects, and waits until that is done.
    func connect(
        to address: SocketAddress, timeout: Duration = .seconds(30)
    ) throws -> LoopBound<Transport> {
        let made = Monitor<Result<LoopBound<Transport>, LoopError>?>(nil)
        post { loop in
            loop.connect(to: address, timeout: timeout) { result in
                let bound = result.map { LoopBound($0, loop: $0.loop) }
                made.signal { made in made = bound }
            }
        }
        return try made.wait { $0 }.get()
    }

    /// Connects and gives the connection what `handler` makes.
    @discardableResult func connect(
        to address: SocketAddress, _ handler: @escaping @Sendable (SharedLog) -> any TransportHandler
    ) throws -> Client {
        let transport = try connect(to: address)
        let log = SharedLog(Log())
        let speaker = call { loop in
            let made = handler(log)
            transport.value.start(made)
            return (made as? Speaker).map { LoopBound($0, loop: loop) }
        }
        return Client(transport: transport, log: log, speaker: speaker ?? nil)
    }

    /// Returns when the loop has finished the turn it is in.
    func finishTurn() { _ = call { _ in () } }
}

struct Client: Sendable {
    let transport: LoopBound<Transport>
    let log: SharedLog
    var speaker: LoopBound<Speaker>?

    func say(_ bytes: [UInt8], on thread: LoopThread) {
        thread.post { [self] _ in
            speaker?.value.say(bytes)
            transport.value.wantsToSend()
        }
    }
}

/// A clock that stands until it is turned.
final class ManualClock: Sendable {
    private let time = Monitor<Int64>(1_000_000_000)
    var now: Int64 { time.withLock { $0 } }
    func advance(by duration: Duration) { time.withLock { $0 += duration.nanoseconds } }
}

/// Bytes that differ from place to place, so that a lost or repeated piece is seen. They come again after 65,521
/// bytes, a prime, and so never at the border of a buffer.
func pattern(_ count: Int) -> [UInt8] {
    let piece = (0..<min(count, 65_521)).map { index in UInt8(truncatingIfNeeded: index ^ index >> 8) }
    var bytes = piece
    while bytes.count < count { bytes += piece.prefix(count - bytes.count) }
    return bytes
}

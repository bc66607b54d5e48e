import Bytes
import EventLoops
import GRPCWire
import HTTP2
import Threads

/// A client that asks for much at once over one connection and takes the replies only when it is told to.
final class SlowReader: TransportHandler, StreamEvents {
    struct Progress {
        /// Replies that have begun, and those that are whole.
        var begun = 0
        var finished = 0
        /// Replies that are not what was asked for.
        var wrong = 0
        var goAway: ErrorCode?
        var isClosed = false
    }

    let progress = Monitor(Progress())
    private let transport: Transport
    private let requests: [[UInt8]]
    private let method: Echo
    private lazy var session = ClientSession(settings: settings, events: self)
    private var bodies: [Int: [UInt8]] = [:]
    private var requestOfSlot: [Int: Int] = [:]
    private var unconsumed: [Int: Int] = [:]
    private var isReading = false

    private var settings: SessionSettings {
        var settings = SessionSettings()
        settings.streamWindow = 1024
        return settings
    }

    init(_ transport: Transport, _ method: Echo, requests: [[UInt8]]) {
        self.transport = transport
        self.method = method
        self.requests = requests
    }

    func begin() {
        let head = HeaderBlock(literals: [
            ":method": "POST", ":scheme": "http", ":path": method.path, ":authority": "localhost",
            "te": "trailers", "content-type": "application/grpc",
        ])
        for (number, request) in requests.enumerated() {
            guard let slot = session.open(head: head), let framed = MessagePrefix.framed(request) else { continue }
            requestOfSlot[slot] = number
            session.send(slot, framed)
            session.finish(slot)
        }
        transport.wantsToSend()
    }

    func read() {
        isReading = true
        for (slot, count) in unconsumed { session.consume(slot, stream: count, connection: count) }
        unconsumed = [:]
        transport.wantsToSend()
    }

    func received(_ bytes: Span<UInt8>) -> Bool { session.receive(bytes) == .taken }

    func produce(into output: ByteArena, limit: Int) -> Production {
        session.produce(into: output, limit: limit) == .more ? .more : .drained
    }

    func closed(_ reason: CloseReason) { progress.broadcast { $0.isClosed = true } }

    func streamOpened(_ slot: Int) {}
    func field(_ slot: Int, name: Span<UInt8>, value: Span<UInt8>) {}

    func fieldsEnded(_ slot: Int, isTrailer: Bool, endOfStream: Bool) {
        if !isTrailer { progress.broadcast { $0.begun += 1 } }
    }

    func data(_ slot: Int, _ bytes: Span<UInt8>) {
        bodies[slot, default: []].append(copying: bytes)
        if isReading {
            session.consume(slot, stream: bytes.count, connection: bytes.count)
        } else {
            unconsumed[slot, default: 0] += bytes.count
        }
    }

    func endOfStream(_ slot: Int) {
        let wanted = requestOfSlot[slot].flatMap { MessagePrefix.framed(requests[$0]) }
        let isRight = bodies[slot] == wanted
        progress.broadcast {
            $0.finished += 1
            if !isRight { $0.wrong += 1 }
        }
    }

    func bodyDrained(_ slot: Int) {}
    func streamClosed(_ slot: Int, _ code: ErrorCode) {}
    func goAway(lastStream: Int32, _ code: ErrorCode, debugData: Span<UInt8>) {
        progress.broadcast { $0.goAway = code }
    }
    func settingsReceived() {}
}

@available(*, unavailable) extension SlowReader: Sendable {}

/// Slow readers of one server, on a loop of their own.
final class SlowReaders: Sendable {
    private let thread: LoopThread
    private let readers: LoopBound<[SlowReader]>
    private let progress: [Monitor<SlowReader.Progress>]

    /// - Parameter requests: what each reader asks for at once.
    init(_ address: SocketAddress, count: Int, method: Echo = .say, requests: [[UInt8]]) throws {
        let thread = try LoopThread(name: "slow readers")
        self.thread = thread
        let made = Monitor<[LoopBound<SlowReader>]>([])
        thread.post { loop in
            for _ in 0..<count {
                loop.connect(to: address, timeout: .seconds(10)) { result in
                    guard case .success(let transport) = result else { return }
                    let reader = SlowReader(transport, method, requests: requests)
                    transport.start(reader)
                    reader.begin()
                    let bound = LoopBound(reader, loop: loop)
                    made.broadcast { $0.append(bound) }
                }
            }
        }
        let bound = made.wait { $0.count == count ? $0 : nil }
        let both = thread.call { loop in
            (LoopBound(bound.map(\.value), loop: loop), bound.map(\.value.progress))
        }
        guard let both else { throw Stopped() }
        (readers, progress) = both
    }

    struct Stopped: Error {}

    func read() {
        thread.post { [readers] _ in
            for reader in readers.value { reader.read() }
        }
    }

    /// Waits until all readers have come so far.
    func wait(until isReached: @escaping @Sendable (SlowReader.Progress) -> Bool) async {
        await blocking { [progress] in
            for progress in progress { _ = progress.wait { isReached($0) ? true : nil } }
        }
    }

    /// How far each reader has come.
    var states: [SlowReader.Progress] { progress.map { $0.withLock { $0 } } }

    func stop() async { await blocking { [thread] in thread.stop() } }
}

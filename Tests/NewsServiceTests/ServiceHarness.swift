import Bytes
import Files
import GRPCCall
import GRPCWire
import NewsMessages
import NewsModel
import NewsService
import NewsStore
import Synchronization
import TestKit
import Testing
import Threads

/// The services on a real store in a directory of its own, called as the server calls them, without sockets.
final class ServiceHarness {
    static let now = "2026-11-22T00:00:00Z"

    let directory: TemporaryDirectory
    let store: Store
    let core: ServiceCore
    let clock: TestClock
    /// Bytes of other replies of the turn, which stand before the reply in the arena.
    var earlierReplyByteCount = 0
    private let dispatcher: NewsDispatcher
    private let reply = ByteArena()
    let context: CallContext
    private let work: WorkQueue

    init(
        timeZone: String = "Asia/Shanghai", now: String = ServiceHarness.now, directory: TemporaryDirectory? = nil,
        importMemory: ImportMemory = ImportMemory(), admin: AdminCore.Configuration = AdminCore.Configuration(),
        examinedRowsMax: Int = 10_000,
        makeDiscriminator: @escaping @Sendable () -> UInt64 = { UInt64.random(in: 0...UInt64.max) },
        disk: DiskProbe = DiskProbe(), slots: Int? = nil
    ) throws {
        let clock = TestClock(try RFC3339.parse(now))
        self.clock = clock
        self.directory = try directory ?? TemporaryDirectory("service")
        var options = StoreOptions(clock: { clock.now })
        options.timeZone = timeZone
        options.slotCount = slots
        store = try Store.open(self.directory.entry("data"), options)
        work = WorkQueue(name: "captures", threadCount: 2, capacity: 1000)
        core = try ServiceCore(
            store: store, work: work, importMemory: importMemory, admin: admin,
            loadZone: { name in (try? ZoneInfo.read(name)).flatMap { try? ZoneRules(name: name, tzif: $0) } },
            clock: { clock.now }, examinedRowsMax: examinedRowsMax, makeDiscriminator: makeDiscriminator,
            disk: disk)
        dispatcher = try NewsDispatcher(core)
        context = CallContext(reply: reply)
    }

    func close() {
        work.shutDown()
        store.close()
    }

    /// Calls a unary method with a message as bytes.
    func call(_ route: Route, bytes: [UInt8], isTraced: Bool = false) -> Result<[UInt8], Status> {
        let sink = TestSink()
        reply.removeAll()
        _ = reply.reserve(earlierReplyByteCount)
        context.begin(sink, slot: 0, generation: 1, isTraced: isTraced)
        defer { dispatcher.turnEnded() }
        switch dispatcher.unary(route.rawValue, bytes.span, context) {
        case .replied:
            return .success(reply.withBytes(in: earlierReplyByteCount..<reply.count) { [UInt8](copying: $0) })
        case .failed(let status): return .failure(status)
        case .later:
            let (messages, status) = sink.waitForEnd()
            guard status.isOK, let message = messages.first else { return .failure(status) }
            return .success(message)
        case .again:
            sink.waitForAgain()
            return answer(route, bytes, sink, isAgain: true) ?? .failure(Status(.internalError, "asked a third time"))
        }
    }

    /// Asks a unary method that reads; `nil` when it wants to be asked again.
    func answer(
        _ route: Route, _ bytes: [UInt8], _ sink: TestSink, isAgain: Bool = false
    ) -> Result<[UInt8], Status>? {
        reply.removeAll()
        context.begin(sink, slot: 0, generation: 1, isAgain: isAgain)
        defer { dispatcher.turnEnded() }
        switch dispatcher.unary(route.rawValue, bytes.span, context) {
        case .replied: return .success(reply.withBytes(in: 0..<reply.count) { [UInt8](copying: $0) })
        case .failed(let status): return .failure(status)
        case .later, .again: return nil
        }
    }

    /// Who is to hear if nobody waits any more for the call that was answered with `nil`.
    func takeObserver() -> (any CallObserver)? { context.takeObserver() }

    /// The turn that has just ended took so long, and waited for the disk.
    func waitedForDisk(nanoseconds: Int64) { dispatcher.waitedForDisk(nanoseconds: nanoseconds) }

    /// Begins a unary call that is answered later.
    func begin(_ route: Route, _ request: some ProtoMessage) -> TestSink {
        let sink = TestSink()
        _ = start(route, request, sink)
        return sink
    }

    /// Begins a unary call.
    ///
    /// - Returns: `nil` when it was answered at once.
    func start(_ route: Route, _ request: some ProtoMessage, _ sink: TestSink = TestSink()) -> TestSink? {
        let bytes = request.encoded()
        context.begin(sink, slot: 0, generation: 1)
        defer { dispatcher.turnEnded() }
        guard case .later = dispatcher.unary(route.rawValue, bytes.span, context) else { return nil }
        return sink
    }

    /// Begins a unary call that is answered later, and gives it up at once.
    func giveUp(_ route: Route, _ request: some ProtoMessage) -> TestSink {
        let sink = TestSink()
        let bytes = request.encoded()
        context.begin(sink, slot: 0, generation: 1)
        _ = dispatcher.unary(route.rawValue, bytes.span, context)
        context.takeObserver()?.abandoned()
        dispatcher.turnEnded()
        return sink
    }

    func call<Reply: ProtoMessage>(_ route: Route, _ request: some ProtoMessage) throws -> Reply {
        try Reply(call(route, bytes: request.encoded()).get())
    }

    /// Calls a method that is to fail.
    func failure(_ route: Route, _ request: some ProtoMessage) throws -> RefusedCall {
        switch call(route, bytes: request.encoded()) {
        case .success:
            Issue.record("the call succeeded")
            return RefusedCall(.ok)
        case .failure(let status): return try RefusedCall(decoding: status)
        }
    }

    /// Begins a streamed call, whose requests the test hands on.
    func open(_ route: Route, _ sink: TestSink) -> any StreamHandler {
        dispatcher.open(route.rawValue, CallReference(sink: sink, slot: 0, generation: 1))
    }

    /// Runs one ImportArticles call to its end.
    func importAll(_ requests: [ImportArticlesRequest]) throws -> [ImportArticlesResponse] {
        let (messages, status) = importBytes(requests.map { $0.encoded() })
        #expect(status.isOK, "\(status)")
        return try messages.map { try ImportArticlesResponse($0) }
    }

    func importBytes(_ requests: [[UInt8]]) -> (messages: [[UInt8]], status: Status) {
        let sink = TestSink()
        let call = CallReference(sink: sink, slot: 0, generation: 1)
        let handler = dispatcher.open(Route.newsServiceImportArticles.rawValue, call)
        for request in requests {
            guard sink.waitForCredit() else { break }
            handler.received(request.span)
        }
        handler.halfClosed()
        defer { handler.ended() }
        return sink.waitForEnd()
    }
}

extension ServiceHarness {
    /// Stores one article.
    ///
    /// - Parameter time: RFC 3339; empty for none.
    func create(
        _ title: String, at time: String, precision: TimePrecision = .second, source: String = "",
        channel: String = "", body: String? = nil
    ) throws -> Article {
        var article = Article()
        article.title = title
        article.body = body ?? "Body of \(title)"
        article.source = source
        article.channel = channel
        if !time.isEmpty {
            article.publishTime = try .at(time)
            article.publishTimePrecision = precision
        }
        var request = CreateArticleRequest()
        request.article = article
        return try call(.newsServiceCreateArticle, request)
    }
}

/// A time of day that a test sets.
final class TestClock: Sendable {
    private let instant: Mutex<Instant>

    init(_ instant: Instant) { self.instant = Mutex(instant) }

    var now: Instant { instant.withLock { $0 } }
    func advance(by duration: Duration) { instant.withLock { $0 = $0 + duration } }
}

/// What a refused call tells its client.
struct RefusedCall {
    let code: StatusCode
    let message: String
    var reason = ""
    var metadata: [String: String] = [:]
    var fields: [String] = []
    var retryDelay: ProtoDuration?

    init(_ status: Status) {
        code = status.code
        message = status.message
    }

    init(decoding status: Status) throws {
        self.init(status)
        let details = try RPCStatus(status.details)
        #expect(details.code == Int32(status.code.rawValue) && details.message == status.message)
        for detail in details.details {
            switch detail.typeUrl {
            case "type.googleapis.com/google.rpc.ErrorInfo":
                let info = try ErrorInfo(detail.value)
                #expect(info.domain == "news.v1")
                reason = info.reason
                metadata = info.metadata
            case "type.googleapis.com/google.rpc.BadRequest":
                fields = try BadRequest(detail.value).fieldViolations.map(\.field)
            case "type.googleapis.com/google.rpc.RetryInfo": retryDelay = try RetryInfo(detail.value).retryDelay
            default: Issue.record("unknown detail \(detail.typeUrl)")
            }
        }
    }
}

/// Gets what a call says, in place of a connection.
final class TestSink: CallSink {
    private struct State {
        var messages: [[UInt8]] = []
        var status: Status?
        var credit = 0
        /// How often the call has asked, if only for 0 more.
        var askedCount = 0
        /// How often its method wanted to be asked again.
        var againCount = 0
    }

    private let state = Monitor(State())

    func deliver(_ event: CallEvent, slot: Int32, generation: UInt32) {
        state.broadcast { state in
            switch event {
            case .reply(let message):
                state.messages.append(message())
                state.status = .ok
            case .message(let message, _): state.messages.append(message)
            case .messages(let messages): state.messages += messages
            case .finish(let status): state.status = status
            case .request(let count):
                state.credit += count
                state.askedCount += 1
            case .again: state.againCount += 1
            case .head, .trailers: break
            }
        }
    }

    var messages: [[UInt8]] { state.withLock { $0.messages } }
    var status: Status? { state.withLock { $0.status } }

    var againCount: Int { state.withLock { $0.againCount } }
    func waitForAgain() { state.wait { state in state.againCount > 0 ? () : nil } }

    func waitForEnd() -> (messages: [[UInt8]], status: Status) {
        state.wait { state in state.status.map { (state.messages, $0) } }
    }

    /// Waits until so many messages have come, or the call has ended.
    func waitForMessages(_ count: Int) throws -> [[UInt8]] {
        let messages = state.wait { state in
            state.messages.count >= count || state.status != nil ? state.messages : nil
        }
        try #require(messages.count >= count, "the call ended after \(messages.count) messages: \(status as Any)")
        return messages
    }

    /// Waits until there are more messages, or the call has ended.
    ///
    /// - Returns: how many there are.
    func waitForMore(than count: Int) -> Int {
        state.wait { state in state.messages.count > count || state.status != nil ? state.messages.count : nil }
    }

    var askedCount: Int { state.withLock { $0.askedCount } }

    func wait(forAsked count: Int) { _ = state.wait { $0.askedCount >= count ? true : nil } }

    var hasCredit: Bool { state.withLock { $0.credit > 0 } }

    /// Waits until one more request may be sent; `false` when the call is over.
    func waitForCredit() -> Bool {
        state.wait { state in
            if state.status != nil { return false }
            guard state.credit > 0 else { return nil }
            state.credit -= 1
            return true
        }
    }
}

/// The two captures that come with the project.
enum Samples {
    static let listing = "003_59471dc68994d382.txt"
    static let damaged = "000_da504fa7611e0768.txt"

    static func bytes(_ name: String) throws -> [UInt8] {
        let root = #filePath.components(upTo: "/Tests/")
        return try FileSystem.read("\(root)/Samples/\(name)")
    }

    static func request(_ name: String, sequence: Int64 = 0, timeZone: String = "") throws -> ImportArticlesRequest {
        .capture(String(decoding: try bytes(name), as: UTF8.self), sequence: sequence, timeZone: timeZone, name: name)
    }
}

extension ProtoMessage {
    init(_ bytes: [UInt8]) throws { self = try Self(decoding: bytes.span) }
}

extension String {
    fileprivate func components(upTo mark: String) -> String {
        guard let range = self.ranges(of: mark).last else { return self }
        return String(self[..<range.lowerBound])
    }
}

extension ImportArticlesRequest {
    static func capture(
        _ content: String, sequence: Int64 = 0, timeZone: String = "", name: String = ""
    ) -> ImportArticlesRequest {
        var request = ImportArticlesRequest()
        request.sequence = sequence
        var capture = Capture()
        capture.content = Array(content.utf8)
        capture.fileName = name
        capture.timeZone = timeZone
        request.item = .capture(capture)
        return request
    }

    static func article(_ article: Article, sequence: Int64 = 0) -> ImportArticlesRequest {
        var request = ImportArticlesRequest()
        request.sequence = sequence
        request.item = .article(article)
        return request
    }
}

extension Timestamp {
    static func at(_ text: String) throws -> Timestamp {
        let instant = try RFC3339.parse(text)
        var timestamp = Timestamp()
        timestamp.seconds = instant.seconds
        timestamp.nanos = instant.nanosecondOfSecond
        return timestamp
    }

    var text: String { Instant(seconds: seconds, nanoseconds: nanos).map { RFC3339.text($0) } ?? "out of range" }
}

/// Counts, from any thread.
final class TestCounter: Sendable {
    private let number = Atomic<Int>(0)

    var value: Int { number.load(ordering: .relaxed) }
    func count() { number.add(1, ordering: .relaxed) }
}

import Bytes
import EventLoops
import GRPCCall
import GRPCWire
import NewsClient
import NewsServer
import ServerLog
import Synchronization
import Threads

/// Methods that show how a server treats calls, whatever they are about.
enum Echo: Int, CaseIterable {
    /// Unary: answers what came, at once.
    case say
    /// Unary: answers what came, from another thread.
    case later
    /// Unary: never answers.
    case never
    /// Unary: answers what came, when it is asked for the second time.
    case again
    /// Unary: fails with the code in the first byte of the request.
    case fail
    /// Unary: answers what came after a first byte that says whether it came compressed, and asks for the compression
    /// that the request's first byte says: 1 wants it, 2 does not.
    case press
    /// Unary: answers what came, with the caller's metadata before and after it.
    case reflect
    /// Streamed both ways: answers each message.
    case chat
    /// Streamed both ways: answers each message with three that are sent at one go.
    case thrice
    /// Streamed both ways: as `reflect`.
    case mirror
    /// Streamed both ways: asks for no message and never answers.
    case ignore

    var path: StaticString {
        switch self {
        case .say: "/test.v1.Echo/Say"
        case .later: "/test.v1.Echo/Later"
        case .never: "/test.v1.Echo/Never"
        case .again: "/test.v1.Echo/Again"
        case .fail: "/test.v1.Echo/Fail"
        case .press: "/test.v1.Echo/Press"
        case .reflect: "/test.v1.Echo/Reflect"
        case .chat: "/test.v1.Echo/Chat"
        case .thrice: "/test.v1.Echo/Thrice"
        case .mirror: "/test.v1.Echo/Mirror"
        case .ignore: "/test.v1.Echo/Ignore"
        }
    }

    var isUnary: Bool { rawValue < Echo.chat.rawValue }

    var method: RPCMethod {
        let name = String("\(path)".split(separator: "/")[1])
        return RPCMethod(service: "test.v1.Echo", name: name, kind: isUnary ? .unary : .bidirectional)
    }

    static var routing: RoutingTable {
        RoutingTable(
            allCases.map {
                MethodDescriptor(
                    path: $0.path, kind: $0.isUnary ? .unary : .bidirectional, idempotency: .unknown,
                    service: "test.v1.Echo", name: "", index: $0.rawValue)
            })
    }
}

/// What happened to calls, told to the test.
final class EchoLog: CallObserver {
    private let gone = Atomic(0)
    /// Calls that nobody waits for any more, of those that were asked again.
    var goneCount: Int { gone.load(ordering: .relaxed) }
    func abandoned() { gone.add(1, ordering: .relaxed) }

    private let state = Monitor<(ended: Int, kept: [CallReference])>((0, []))

    func ended() { state.broadcast { $0.ended += 1 } }
    func keep(_ call: CallReference) { state.broadcast { $0.kept.append(call) } }

    /// Waits until so many streamed calls have ended.
    func waitForEnds(_ count: Int) async {
        await blocking { [state] in _ = state.wait { $0.ended >= count ? true : nil } }
    }
    /// Waits until so many calls of `never` are there.
    func waitForCalls(_ count: Int) async -> [CallReference] {
        await blocking { [state] in state.wait { $0.kept.count >= count ? $0.kept : nil } }
    }
}

final class EchoDispatcher: CallDispatcher {
    private let log: EchoLog
    init(_ log: EchoLog) { self.log = log }

    func unary(_ method: Int, _ request: Span<UInt8>, _ call: CallContext) -> UnaryOutcome {
        switch Echo(rawValue: method) {
        case .say:
            call.reply.append(request)
            return .replied
        case .later:
            let (bytes, reference) = ([UInt8](copying: request), call.reference)
            _ = Thread.start(name: "echo") { reference.complete(.success(bytes)) }
            return .later
        case .never:
            log.keep(call.reference)
            return .later
        case .again:
            call.reply.append(request)
            if call.isAgain { return .replied }
            log.keep(call.reference)
            call.observe(log)
            return .again  // What it has said so far is dropped.
        case .fail:
            call.reply.append(request)  // Dropped: a failure has no message.
            return .failed(Status(StatusCode(rawValue: Int(request[0])), "as you wish: 好 %"))
        case .press:
            call.reply.append(call.isRequestCompressed ? 1 : 0)
            call.reply.append(request)
            if request[0] > 0 { call.compressReply(request[0] == 1) }
            return .replied
        case .reflect: return reflect(request, call)
        case .chat, .thrice, .mirror, .ignore, nil: return .failed(Status(.unimplemented, "streamed"))
        }
    }

    /// The first byte of the request says how the call ends.
    private func reflect(_ request: Span<UInt8>, _ call: CallContext) -> UnaryOutcome {
        call.addHead(call.metadata)
        call.addTrailers(call.metadata)
        call.reply.append(request)
        switch request[0] {
        case 0: return .replied
        case 1..<17: return .failed(Status(StatusCode(rawValue: Int(request[0])), "with metadata"))
        default:
            call.reference.complete(.success([request[0]]))
            return .later
        }
    }

    func open(_ method: Int, _ call: CallReference) -> any StreamHandler {
        switch Echo(rawValue: method) {
        case .chat: return ChatHandler(call, log)
        case .thrice: return ChatHandler(call, log, copyCount: 3)
        case .mirror:
            call.begin(call.metadata)
            call.addTrailers(call.metadata)
            return ChatHandler(call, log)
        default: return IgnoringHandler(log)
        }
    }

    func turnEnded() {}
}

private final class ChatHandler: StreamHandler {
    private let call: CallReference
    private let log: EchoLog
    private let copyCount: Int

    init(_ call: CallReference, _ log: EchoLog, copyCount: Int = 1) {
        self.call = call
        self.log = log
        self.copyCount = copyCount
        call.request(1)
    }

    func received(_ message: Span<UInt8>) {
        let copy = [UInt8](copying: message)
        if copyCount == 1 { call.send(copy) } else { call.send([[UInt8]](repeating: copy, count: copyCount)) }
        call.request(1)
    }
    func receivedCompressed(_ message: Span<UInt8>) {
        call.send([UInt8](copying: message), .wanted)
        call.request(1)
    }
    func halfClosed() { call.finish(.ok) }
    func drained() {}
    func ended() { log.ended() }
}

private final class IgnoringHandler: StreamHandler {
    private let log: EchoLog
    init(_ log: EchoLog) { self.log = log }
    func received(_ message: Span<UInt8>) {}
    func halfClosed() {}
    func drained() {}
    func ended() { log.ended() }
}

/// An echo server on a free port, and a client of it.
struct EchoSetup {
    let log = EchoLog()
    let server: CallServer
    let client: RPCClient

    init(
        loops: Int = 1, settings: ServerSettings = ServerSettings(), access: AccessControl? = nil,
        serverLog: EventLog = EventLog()
    ) throws {
        var configuration = CallServer.Configuration(
            addresses: [try SocketAddress(parsing: "127.0.0.1:0")], routing: Echo.routing)
        configuration.loopCount = loops
        configuration.settings = settings
        configuration.access = access
        configuration.log = serverLog
        server = try CallServer(configuration) { [log] _ in EchoDispatcher(log) }
        client = try RPCClient(patient(target: "\(server.addresses[0])"))
    }

    func call(_ echo: Echo, _ message: [UInt8], timeout: Duration? = nil) async throws(RPCError) -> [UInt8] {
        try await client.unary(echo.method, message: message, options: CallOptions(timeout: timeout))
    }

    func end() async {
        await client.close()
        await blocking { [server] in server.stop() }
    }
}

/// A client's configuration for tests: the threads that tests share are few, and a test may wait long for its turn.
func patient(target: String) -> RPCClient.Configuration {
    var configuration = RPCClient.Configuration(target: target)
    configuration.defaultTimeout = .seconds(600)
    return configuration
}

/// The error that `body` ends with; nil when it succeeds.
func failure<Value>(_ body: () async throws -> Value) async -> RPCError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? RPCError
    }
}

/// Runs what blocks its thread on a thread of its own: those of the tests are few, and others wait for them.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        _ = Thread.start(name: "blocking") { continuation.resume(returning: body()) }
    }
}

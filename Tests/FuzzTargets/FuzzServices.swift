import Bytes
import GRPCCall
import GRPCWire
import NewsMessages
import NewsModel
import NewsService
import NewsStore
import Synchronization

/// The services of newsrpc, over a store that stays as it is: what would be written is checked, answered some turns
/// later, as by the writer, and forgotten. Holds the server to what it promises those who answer.
final class FuzzServices: CallDispatcher {
    private let services: NewsDispatcher
    private var answers: [(turn: Int, send: () -> Void)] = []
    private var turn = 0
    private var openCount = 0

    /// Turns that an answer takes.
    private static let delay = 2

    init(_ core: ServiceCore) throws(StoreError) { services = try NewsDispatcher(core) }

    /// Nobody waits for an answer, and every streamed call was told that it is over.
    var isIdle: Bool { answers.isEmpty && openCount == 0 }
    var hasAnswers: Bool { !answers.isEmpty }

    func later(_ answer: @escaping () -> Void) { answers.append((turn + Self.delay, answer)) }

    func unary(_ method: Int, _ request: Span<UInt8>, _ call: CallContext) -> UnaryOutcome {
        guard method == Route.newsServiceCreateArticle.rawValue,
            var message = try? CreateArticleRequest(decoding: request)
        else { return services.unary(method, request, call) }
        message.validateOnly = true
        let bytes = message.encoded()
        let start = call.reply.count
        guard case .replied = services.unary(method, bytes.span, call) else {
            return services.unary(method, request, call)
        }
        let reply = call.reply.withBytes(in: start..<call.reply.count) { [UInt8](copying: $0) }
        let reference = call.reference
        call.observe(Observer())
        later { reference.complete(.success(reply)) }
        return .later
    }

    func open(_ method: Int, _ call: CallReference) -> any StreamHandler {
        guard method == Route.newsServiceImportArticles.rawValue else { return services.open(method, call) }
        openCount += 1
        return FuzzImport(call, self)
    }

    func detailed(_ status: Status) -> Status { services.detailed(status) }

    func turnEnded() {
        services.turnEnded()
        turn += 1
        let due = answers.prefix { $0.turn <= turn }
        answers.removeFirst(due.count)
        for answer in due { answer.send() }
    }

    fileprivate func importEnded() { openCount -= 1 }

    private final class Observer: CallObserver {
        private let isAbandoned = Atomic(false)

        func abandoned() {
            let was = isAbandoned.exchange(true, ordering: .relaxed)
            precondition(!was, "a call was abandoned twice")
        }
    }
}

/// ImportArticles without a store: one answer for each request, in order.
private final class FuzzImport: StreamHandler {
    private let call: CallReference
    private let services: FuzzServices
    private var credit = 0
    private var openCount = 0
    private var isHalfClosed = false
    private var isEnded = false
    private var isFinished = false

    /// Requests that are read before the first is answered.
    private static let window = 4

    init(_ call: CallReference, _ services: FuzzServices) {
        self.call = call
        self.services = services
        ask(Self.window)
    }

    private func ask(_ count: Int) {
        credit += count
        call.request(count)
    }

    func received(_ message: Span<UInt8>) {
        precondition(!isEnded && !isHalfClosed, "a request came after the last")
        precondition(credit > 0, "a request came that was not asked for")
        credit -= 1
        guard let request = try? ImportArticlesRequest(decoding: message) else {
            return finish(Status(.invalidArgument, "no request"))
        }
        openCount += 1
        services.later { [self] in answer(request.sequence) }
    }

    private func answer(_ sequence: Int64) {
        openCount -= 1
        guard !isEnded else {
            if openCount == 0 { finish(Status(.cancelled, "the call is over")) }
            return
        }
        var response = ImportArticlesResponse()
        response.sequence = sequence
        call.send(response.encoded())
        ask(1)
        finishIfDone()
    }

    func halfClosed() {
        precondition(!isEnded && !isHalfClosed, "a call was half closed twice")
        isHalfClosed = true
        finishIfDone()
    }

    private func finishIfDone() {
        if isHalfClosed, openCount == 0 { finish(.ok) }
    }

    private func finish(_ status: Status) {
        guard !isFinished else { return }
        isFinished = true
        call.finish(status)
    }

    func drained() { precondition(!isEnded, "a call that is over was asked for more") }

    func ended() {
        precondition(!isEnded, "a call was ended twice")
        isEnded = true
        services.importEnded()
    }

    var isWorking: Bool { openCount > 0 }
}

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
        switch Route(rawValue: method) {
        case .newsServiceCreateArticle: return create(method, request, call)
        case .newsServiceUpdateArticle, .newsServiceDeleteArticle, .newsServiceUndeleteArticle:
            // They would change the store for the connections that follow, at a time that another thread decides.
            return .failed(detailed(Status(.unimplemented, "the fuzzer's store stays as it is")))
        default: return services.unary(method, request, call)
        }
    }

    /// Checks what is to be created, and answers some turns later, as if it had been written.
    private func create(_ method: Int, _ request: Span<UInt8>, _ call: CallContext) -> UnaryOutcome {
        guard var message = try? CreateArticleRequest(decoding: request) else {
            return services.unary(method, request, call)
        }
        message.validateOnly = true
        let bytes = message.encoded()
        let checked = CheckedCall()
        let check = CallContext(reply: ByteArena())
        check.begin(checked, slot: 0, generation: 1)
        let outcome = services.unary(method, bytes.span, check)
        // What only checks is completed before the method returns.
        guard case .later = outcome, let result = checked.result else { return outcome }
        let reference = call.reference
        call.observe(Observer())
        later { reference.complete(result) }
        return .later
    }

    /// Takes the outcome of a call that is completed at once.
    private final class CheckedCall: CallSink {
        private let outcome = Mutex<Result<[UInt8], Status>?>(nil)

        var result: Result<[UInt8], Status>? { outcome.withLock { $0 } }

        func deliver(_ event: CallEvent, slot: Int32, generation: UInt32) {
            switch event {
            case .reply(let message): outcome.withLock { $0 = .success(message()) }
            case .finish(let status): outcome.withLock { $0 = .failure(status) }
            case .message, .messages, .request, .head, .trailers, .again: break
            }
        }
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

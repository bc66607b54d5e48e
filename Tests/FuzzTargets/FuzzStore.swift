import Bytes
import Files
import GRPCCall
import GRPCWire
import Glibc
import NewsMessages
import NewsModel
import NewsService
import NewsStore
import Synchronization
import TestKit
import Threads

/// The store of all runs. It holds a few articles and is not written to any more, so no run depends on another.
enum FuzzStore {
    static let shared: ServiceCore = {
        do {
            return try make()
        } catch {
            preconditionFailure("the store of the fuzzer cannot be made: \(error)")
        }
    }()

    private static let directory = Mutex<TemporaryDirectory?>(nil)
    private static let now = Instant(microseconds: 1_795_000_000_000_000)

    /// Where sockets may be made.
    static func entry(_ name: String) -> String {
        directory.withLock { $0?.entry(name) } ?? name
    }

    private static func make() throws -> ServiceCore {
        let folder = try TemporaryDirectory("fuzz")
        directory.withLock { $0 = folder }
        atexit { FuzzStore.directory.withLock { $0 = nil } }
        var options = StoreOptions(clock: { FuzzStore.now })
        options.timeZone = "Asia/Shanghai"
        options.mapSize = 64 << 20
        let core = try ServiceCore(
            store: try Store.open(folder.entry("store"), options),
            work: WorkQueue(name: "fuzz", threadCount: 1, capacity: 1),
            // A name that nobody has is as good as one that is not there.
            loadZone: { name in
                guard name == "UTC" || name == "Europe/Berlin" else { return nil }
                return (try? ZoneInfo.read(name)).flatMap { try? ZoneRules(name: name, tzif: $0) }
            },
            clock: { FuzzStore.now }, makeDiscriminator: { 7 })
        let writer = try NewsDispatcher(core)
        for number in 0..<4 { try create(number, writer) }
        return core
    }

    /// Articles "fuzz-0" to "fuzz-3" of four months, with texts of 100 bytes to 100 KB.
    private static func create(_ number: Int, _ dispatcher: NewsDispatcher) throws {
        var article = Article()
        article.title = "article \(number)"
        article.channel = "channel \(number / 2)"
        article.source = "source"
        article.body = String(repeating: "0123456789", count: Int(pow(10, Double(number + 1))))
        var time = Timestamp()
        time.seconds = 1_790_000_000 - Int64(number) * 86_400 * 31
        article.publishTime = time
        article.publishTimePrecision = .second
        var request = CreateArticleRequest()
        request.articleId = "fuzz-\(number)"
        request.article = article
        let answer = AnswerWaiter()
        let call = CallContext(reply: ByteArena())
        call.begin(answer, slot: 0, generation: 1)
        let bytes = request.encoded()
        let outcome = dispatcher.unary(Route.newsServiceCreateArticle.rawValue, bytes.span, call)
        guard case .later = outcome, answer.wait().isOK else {
            preconditionFailure("an article of the fuzzer's store was refused: \(outcome)")
        }
    }
}

/// Waits for the answer of a unary call.
private final class AnswerWaiter: CallSink {
    private let status = Monitor<Status?>(nil)

    func deliver(_ event: CallEvent, slot: Int32, generation: UInt32) {
        switch event {
        case .reply: status.signal { $0 = .ok }
        case .finish(let status): self.status.signal { $0 = status }
        case .message, .messages, .request, .head, .trailers, .again: break
        }
    }

    func wait() -> Status { status.wait { $0 } }
}

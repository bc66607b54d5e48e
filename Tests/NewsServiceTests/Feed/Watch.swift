import GRPCCall
import NewsMessages
import NewsService
import Testing

/// One call of WatchArticles.
struct Watch {
    let handler: any StreamHandler
    let sink: TestSink

    init(_ harness: ServiceHarness, _ change: (inout WatchArticlesRequest) -> Void = { _ in }) {
        sink = TestSink()
        handler = harness.open(.newsServiceWatchArticles, sink)
        var request = WatchArticlesRequest()
        change(&request)
        #expect(sink.waitForCredit())
        handler.received(request.encoded().span)
        handler.halfClosed()
    }

    /// Waits for this many messages.
    func responses(_ count: Int) throws -> [WatchArticlesResponse] {
        try sink.waitForMessages(count).map { try WatchArticlesResponse($0) }
    }
}

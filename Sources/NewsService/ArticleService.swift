package import GRPCCall
package import GRPCWire
package import NewsMessages
internal import NewsModel
package import NewsStore

/// news.v1.NewsService on one loop.
///
/// Reads are answered at once, out of the loop's own view of the store. Writes leave for the store and are answered
/// when they are durable. Each call has a file of its own.
package final class ArticleService: NewsServiceHandlers {
    let core: ServiceCore
    let articles: ArticleReply
    /// `nil`: every list is read.
    let lists: RepeatedReplies?
    let coldReads: ColdReads
    /// The text of the position that was told last: it is that of most lists.
    private var lastPosition: (revision: UInt64, text: [UInt8]) = (.max, [])

    /// - Parameter keepsReplies: whether lists are answered from memory when they come again.
    package init(_ core: ServiceCore, keepsReplies: Bool = true) throws(StoreError) {
        self.core = core
        lists = keepsReplies ? RepeatedReplies() : nil
        coldReads = ColdReads(core)
        articles = ArticleReply(reader: try core.store.makeReader(), store: core.store)
    }

    /// Answered from the encoded request; see `getArticle(_:_:)` in GetArticle.swift.
    package func getArticle(encoded request: Span<UInt8>, _ call: CallContext) -> UnaryOutcome {
        if coldReads.isOn, coldReads.defers(.get, request, call) { return .again }
        return outcome { () throws(Failure) in try getArticle(request, call.reply) }
    }

    package func getArticle(_ request: GetArticleRequest, _ call: CallContext) -> UnaryOutcome {
        let encoded = request.encoded()
        return getArticle(encoded: encoded.span, call)
    }

    package func batchGetArticles(encoded request: Span<UInt8>, _ call: CallContext) -> UnaryOutcome {
        if coldReads.isOn, coldReads.defers(.batchGet, request, call) { return .again }
        return decoded { () throws(MessageError) in
            batchGetArticles(try BatchGetArticlesRequest(decoding: request), call)
        }
    }

    package func batchGetArticles(_ request: BatchGetArticlesRequest, _ call: CallContext) -> UnaryOutcome {
        outcome { () throws(Failure) in try batchGetArticles(request, call.reply) }
    }

    /// Answered from what is known of the encoded request; see `listArticles(encoded:_:)` in ListArticles.swift.
    package func listArticles(encoded request: Span<UInt8>, _ call: CallContext) -> UnaryOutcome {
        if coldReads.isOn, coldReads.defers(.list, request, call) { return .again }
        return outcome { () throws(Failure) in
            if call.isTraced { return try tracedList(encoded: request, call) }
            try listArticles(encoded: request, call.reply)
        }
    }

    package func listArticles(_ request: ListArticlesRequest, _ call: CallContext) -> UnaryOutcome {
        outcome { () throws(Failure) in _ = try listArticles(request, call.reply, clock: core.clock()) }
    }

    package func createArticle(_ request: CreateArticleRequest, _ call: CallContext) -> UnaryOutcome {
        later(call) { (call, cancellation) throws(Failure) in try createArticle(request, call, cancellation) }
    }

    package func updateArticle(_ request: UpdateArticleRequest, _ call: CallContext) -> UnaryOutcome {
        later(call) { (call, cancellation) throws(Failure) in try updateArticle(request, call, cancellation) }
    }

    package func deleteArticle(_ request: DeleteArticleRequest, _ call: CallContext) -> UnaryOutcome {
        later(call) { (call, cancellation) throws(Failure) in try deleteArticle(request, call, cancellation) }
    }

    package func undeleteArticle(_ request: UndeleteArticleRequest, _ call: CallContext) -> UnaryOutcome {
        later(call) { (call, cancellation) throws(Failure) in try undeleteArticle(request, call, cancellation) }
    }

    package func listArticleChanges(encoded request: Span<UInt8>, _ call: CallContext) -> UnaryOutcome {
        if coldReads.isOn, coldReads.defers(.listChanges, request, call) { return .again }
        return decoded { () throws(MessageError) in
            listArticleChanges(try ListArticleChangesRequest(decoding: request), call)
        }
    }

    package func listArticleChanges(_ request: ListArticleChangesRequest, _ call: CallContext) -> UnaryOutcome {
        outcome { () throws(Failure) in try listArticleChanges(request, call.reply) }
    }

    package func watchArticles(_ call: CallReference) -> any StreamHandler { ArticleWatch(core: core, call: call) }

    package func importArticles(_ call: CallReference) -> any StreamHandler { ImportCall(core: core, call: call) }

    package func refusal(of error: MessageError) -> Status { Failure(error).status }

    /// Runs a write, which completes its call when it is durable, unless it is refused at once.
    private func later(
        _ call: CallContext, _ body: (CallReference, CallCancellation) throws(Failure) -> Void
    ) -> UnaryOutcome {
        do throws(Failure) {
            let cancellation = CallCancellation()
            call.observe(cancellation)
            try body(call.reference, cancellation)
            return .later
        } catch {
            return .failed(error.status)
        }
    }

    /// The position behind a revision, as clients get it.
    func position(_ revision: UInt64) -> [UInt8] {
        if revision != lastPosition.revision {
            let text = FeedPosition(revision: revision).text(key: core.tokenKey)
            lastPosition = (revision, Array(text.utf8))
        }
        return lastPosition.text
    }

    private func decoded(_ body: () throws(MessageError) -> UnaryOutcome) -> UnaryOutcome {
        do throws(MessageError) { return try body() } catch { return .failed(refusal(of: error)) }
    }

    private func outcome(_ body: () throws(Failure) -> Void) -> UnaryOutcome {
        do throws(Failure) {
            try body()
            return .replied
        } catch {
            return .failed(error.status)
        }
    }
}

@available(*, unavailable) extension ArticleService: Sendable {}

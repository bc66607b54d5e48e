package import GRPCCall
package import GRPCWire
package import NewsMessages
internal import NewsModel
internal import NewsStore

/// news.v1.EngagementService on one loop.
///
/// Counters are read out of the loop's own view of the store. Views are counted in memory and answered at once,
/// reactions leave for the store and are answered when they are durable.
package final class EngagementService: EngagementServiceHandlers {
    let core: ServiceCore
    /// The one of `ArticleService`: both see the same moment within a turn.
    let reader: StoreReader
    private let coldReads: ColdReads

    /// - Parameter articles: Of the same loop.
    package init(_ core: ServiceCore, beside articles: ArticleService) {
        self.core = core
        reader = articles.articles.reader
        coldReads = articles.coldReads
    }

    /// Answered from the encoded request; see `getArticleStats(_:_:)` in GetArticleStats.swift.
    package func getArticleStats(encoded request: Span<UInt8>, _ call: CallContext) -> UnaryOutcome {
        if coldReads.isOn, coldReads.defers(.stats, request, call) { return .again }
        do throws(Failure) {
            try getArticleStats(request, call.reply)
            return .replied
        } catch {
            return .failed(error.status)
        }
    }

    package func getArticleStats(_ request: GetArticleStatsRequest, _ call: CallContext) -> UnaryOutcome {
        let encoded = request.encoded()
        return getArticleStats(encoded: encoded.span, call)
    }

    package func recordViews(encoded request: Span<UInt8>, _ call: CallContext) -> UnaryOutcome {
        if coldReads.isOn, coldReads.defers(.views, request, call) { return .again }
        do {
            return recordViews(try RecordViewsRequest(decoding: request), call)
        } catch {
            return .failed(refusal(of: error))
        }
    }

    /// Makes the reads of `recordViews` for what they bring into memory, and counts nothing.
    func readArticles(ofViews request: Span<UInt8>, _ call: CallContext) {
        guard let request = try? RecordViewsRequest(decoding: request) else { return }
        _ = try? viewReport(request, nil, call)
    }

    package func recordViews(_ request: RecordViewsRequest, _ call: CallContext) -> UnaryOutcome {
        do throws(Failure) {
            // Before its articles are looked at, which may be others by now.
            let identity = identity(of: request)
            if let identity, let outcome = core.store.outcome(of: identity) {
                return answer(outcome, request.requestId, call)
            }
            let report = try viewReport(request, identity, call)
            return outcome(of: report, call)
        } catch {
            return .failed(error.status)
        }
    }

    package func addReaction(_ request: AddReactionRequest, _ call: CallContext) -> UnaryOutcome {
        start(call) { cancellation throws(Failure) in try ReactionCommand(request, cancellation) }
    }

    package func removeReaction(_ request: RemoveReactionRequest, _ call: CallContext) -> UnaryOutcome {
        start(call) { cancellation throws(Failure) in try ReactionCommand(request, cancellation) }
    }

    package func refusal(of error: MessageError) -> Status { Failure(error).status }

    /// Begins a call that is answered when what it did is durable, unless it is refused at once.
    private func start(
        _ call: CallContext, _ make: (CallCancellation) throws(Failure) -> ReactionCommand
    ) -> UnaryOutcome {
        let cancellation = CallCancellation()
        call.observe(cancellation)
        do throws(Failure) {
            ReactionCall(core, call.reference, try make(cancellation)).start()
            return .later
        } catch {
            return .failed(error.status)
        }
    }
}

@available(*, unavailable) extension EngagementService: Sendable {}

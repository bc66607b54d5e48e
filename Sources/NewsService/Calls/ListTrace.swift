internal import GRPCCall
internal import GRPCWire
internal import NewsMessages
internal import NewsStore

extension ArticleService {
    /// The trailer that says what a traced list took.
    static let traceField = "newsrpc-trace"

    /// A list that is read whatever was answered before, and says in a trailer what that took:
    ///
    ///     newsrpc-trace: index=source-index shards=3 rows=51 bytes=30210
    func tracedList(encoded request: Span<UInt8>, _ call: CallContext) throws(Failure) {
        let decoded: ListArticlesRequest
        do throws(MessageError) { decoded = try ListArticlesRequest(decoding: request) } catch { throw Failure(error) }
        articles.reader.beginTrace()
        let result: Result<Bool, Failure>
        do throws(Failure) {
            result = .success(try listArticles(decoded, call.reply, clock: core.clock()))
        } catch {
            result = .failure(error)
        }
        let trace = articles.reader.endTrace()
        _ = try result.get()
        var trailers = Metadata()
        let text = "index=\(trace.index) shards=\(trace.shardCount) rows=\(trace.rowCount) bytes=\(trace.byteCount)"
        do throws(MetadataError) {
            try trailers.add(Self.traceField, text: text)
        } catch {
            return  // The name and the text are of the kind that fields may have.
        }
        call.addTrailers(trailers)
    }
}

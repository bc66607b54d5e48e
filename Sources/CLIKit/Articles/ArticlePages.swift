internal import NewsClient
internal import NewsMessages

/// The pages of a list, up to so many articles.
struct ArticlePages {
    /// Most articles that a server puts into one page.
    static let pageSizeMax = 1000

    private let channel: any CallChannel
    private var request: ListArticlesRequest
    private let options: CallOptions
    /// `nil`: no limit.
    private var remaining: Int?
    private var hasEnded = false
    /// Asks for a trace, and brings it: the name of both fields.
    static let traceField = "newsrpc-trace"
    /// Hears what a page took, if the options ask for it.
    var onTrace: ((String) throws -> Void)?
    /// Whether there were more articles than the limit.
    private(set) var isCutOff = false

    /// - Parameter limit: 0: all.
    init(channel: any CallChannel, request: ListArticlesRequest, limit: Int, options: CallOptions) {
        self.channel = channel
        self.request = request
        self.options = options
        remaining = limit == 0 ? nil : limit
    }

    /// The next page, or `nil` at the end. A page may be empty.
    mutating func next() async throws -> ListArticlesResponse? {
        guard !hasEnded else { return nil }
        request.pageSize = Int32(min(remaining ?? Self.pageSizeMax, Self.pageSizeMax))
        var options = options
        let metadata = onTrace == nil ? nil : ResponseMetadata()
        if let metadata { options.responseMetadata = metadata }
        var page = try await channel.listArticles(request, options: options)
        if let text = metadata?.trailers.text(Self.traceField) { try onTrace?(text) }
        if let remaining {
            isCutOff = page.articles.count > remaining
            page.articles = Array(page.articles.prefix(remaining))
            self.remaining = remaining - page.articles.count
        }
        request.pageToken = page.nextPageToken
        hasEnded = page.nextPageToken.isEmpty || remaining == 0
        if remaining == 0, !page.nextPageToken.isEmpty { isCutOff = true }
        return page
    }
}

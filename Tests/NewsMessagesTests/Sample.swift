import Bytes
import NewsMessages

/// Messages with every kind of field set.
enum Sample {
    /// What Tests/Fixtures/wire/article.hex holds.
    static var article: Article {
        var article = Article()
        article.name = "articles/20260305-0a1b2c3d4e5f"
        article.title = "长三角：質量“一體化”"
        article.excerpt = "  摘要 (商品名:济"
        article.publishTime = timestamp(1_772_640_000, 0)
        article.publishTimePrecision = .day
        article.channel = "channels/news"
        article.source = "浙江省药监局"
        article.editor = "huamei"
        article.stats = stats
        article.languageCode = "zh-Hans"
        article.state = .active
        article.byline = byline
        article.labels = ["质量", "", "cross-border"]
        article.revision = 1 << 40
        article.etag = "\"3f\""
        article.body = "第一段。\n\n第二段 😀"
        article.bodyFormat = .plain
        article.timeZone = "Asia/Shanghai"
        article.canonicalUri = "https://example.org/a?b=c"
        article.createTime = timestamp(-1, 999_999_000)
        article.updateTime = timestamp(253_402_300_799, 1000)
        article.textIssues = [issue]
        article.bodyLength = 10
        article.bodySha256 = [0, 8, 16, 255]
        article.subtitle = "副题"
        article.channelDisplayName = "资讯"
        article.capture = capture
        return article
    }

    static var stats: ArticleStats {
        var stats = ArticleStats()
        stats.viewCount = 480
        stats.shareCount = 3
        stats.likeCount = -1
        stats.known = [.views, .shares]
        return stats
    }

    static var byline: Byline {
        var byline = Byline()
        byline.authors = ["甲"]
        byline.reporters = ["乙", "丙"]
        byline.correspondents = ["丁"]
        return byline
    }

    static var issue: TextIssue {
        var issue = TextIssue()
        issue.kind = .straddledGloss
        issue.field = "body"
        issue.offset = 12
        issue.raw = "鏈?zhǔn)健"
        issue.replacement = "鏈式"
        issue.confidence = .derived
        return issue
    }

    static var capture: Capture {
        var capture = Capture()
        capture.content = [0, 0xFF, 0x0A, 0x80]
        capture.fileName = "003.txt"
        capture.timeZone = "Asia/Shanghai"
        return capture
    }

    static var importRequest: ImportArticlesRequest {
        var request = ImportArticlesRequest()
        request.sequence = -7
        request.item = .article(article)
        return request
    }

    static var status: RPCStatus {
        var info = ErrorInfo()
        info.reason = "TIME_INVALID"
        info.domain = "news.v1"
        info.metadata = ["field": "since", "b": "2", "a": "1", "é": "3"]
        var any = AnyMessage()
        any.typeUrl = "type.googleapis.com/\(ErrorInfo.protoName)"
        any.value = info.encoded()
        var status = RPCStatus()
        status.code = 3
        status.message = "since \"2026-13\": month must be 01 to 12"
        status.details = [any]
        return status
    }

    static var healthList: HealthListResponse {
        var response = HealthListResponse()
        var serving = HealthCheckResponse()
        serving.status = .serving
        response.statuses = ["": serving, "news.v1.NewsService": serving, "down": HealthCheckResponse()]
        return response
    }

    static var badRequest: BadRequest {
        var violation = BadRequest.FieldViolation()
        violation.field = "article.title"
        violation.description = "text is not UTF-8"
        var request = BadRequest()
        request.fieldViolations = [violation, violation]
        return request
    }

    static func timestamp(_ seconds: Int64, _ nanos: Int32) -> Timestamp {
        var timestamp = Timestamp()
        timestamp.seconds = seconds
        timestamp.nanos = nanos
        return timestamp
    }

    static var listResponse: ListArticlesResponse {
        var row = Article()
        row.name = "articles/a"
        var response = ListArticlesResponse()
        response.articles = [article, row, Article()]
        response.nextPageToken = "token"
        response.resolvedSince = timestamp(1, 2)
        response.unreachable = ["shards/2026-02"]
        return response
    }

    /// One of each message that carries something.
    static var all: [any ProtoMessage] {
        [article, stats, byline, issue, capture, importRequest, status, healthList, badRequest, listResponse]
    }
}

extension ByteArena {
    var bytes: [UInt8] { withBytes(in: 0..<count) { span in span.indices.map { span[$0] } } }
}

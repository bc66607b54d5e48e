import NewsMessages
import ProtoJSON
import Testing

@Suite("The contract as JSON") struct ContractTests {
    private let mapping: JSONMapping

    init() throws {
        let schema = try Schema(fileDescriptorSet: DescriptorSet.bytes)
        mapping = JSONMapping(schema, .init(writesInt64AsNumber: true, shortensEnums: true))
    }

    @Test("keeps an article whole on the way there and back")
    func article() throws {
        var article = Article()
        article.title = "温州市局以三“量”全面推动"
        article.publishTime = Timestamp()
        article.publishTime?.seconds = 1_710_316_500
        article.publishTimePrecision = .minute
        article.labels = ["药", ""]
        article.bodySha256 = [0, 255, 127]
        article.revision = .max
        var stats = ArticleStats()
        stats.viewCount = 480
        stats.known = [.views, .comments]
        article.stats = stats
        let node = try mapping.node(of: article.encoded(), as: Article.protoName)
        #expect(
            text(node) == """
                {"title":"温州市局以三“量”全面推动","publishTime":"2024-03-13T07:55:00Z",\
                "publishTimePrecision":"MINUTE","stats":{"viewCount":480,"known":["VIEWS","COMMENTS"]},\
                "labels":["药",""],"revision":9223372036854775807,"bodySha256":"AP9/"}
                """)
        #expect(try Article(decoding: mapping.bytes(of: node, as: Article.protoName)) == article)
    }

    @Test("strips the prefix of an enumeration that has one")
    func prefixes() throws {
        var article = Article()
        article.publishTimePrecision = .day
        #expect(
            text(try mapping.node(of: article.encoded(), as: Article.protoName))
                == #"{"publishTimePrecision":"DAY"}"#)
        var health = HealthCheckResponse()
        health.status = .notServing
        #expect(
            text(try mapping.node(of: health.encoded(), as: HealthCheckResponse.protoName))
                == #"{"status":"NOT_SERVING"}"#)
    }

    @Test("unpacks the details of an error")
    func details() throws {
        var info = ErrorInfo()
        info.reason = "TIME_INVALID"
        info.metadata = ["field": "since"]
        var any = AnyMessage()
        any.typeUrl = "type.googleapis.com/google.rpc.ErrorInfo"
        any.value = info.encoded()
        var status = RPCStatus()
        status.code = 3
        status.details = [any]
        #expect(
            text(try mapping.node(of: status.encoded(), as: RPCStatus.protoName)) == """
                {"code":3,"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"TIME_INVALID",\
                "metadata":{"field":"since"}}]}
                """)
    }
}

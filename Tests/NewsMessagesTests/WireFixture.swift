import Foundation
import NewsMessages
import Testing

/// The files of Tests/Fixtures/wire: messages as hex digits with remarks after `#`, and the text they were made of.
struct WireFixture: Sendable, CustomTestStringConvertible {
    let name: String
    let value: any ProtoMessage

    /// Each fixture with the value it stands for.
    static let all: [WireFixture] = [
        WireFixture(name: "article", value: Sample.article),
        WireFixture(name: "list-request", value: listRequest),
        WireFixture(name: "import-request", value: importRequest),
        WireFixture(name: "status", value: status),
        WireFixture(name: "error-info", value: errorInfo),
        WireFixture(name: "health-list", value: healthList),
    ]

    var testDescription: String { name }
    var path: String { WireFixture.folder.appending("/\(name).hex") }
    /// What `protoc --encode` makes the same bytes of.
    var textPath: String { WireFixture.folder.appending("/\(name).txtpb") }

    func bytes() throws -> [UInt8] {
        let digits = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").flatMap { line in
            line.prefix { $0 != "#" }.split(separator: " ")
        }
        return digits.compactMap { UInt8($0, radix: 16) }
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    private static let folder = root + "/Tests/Fixtures/wire"

    private static var listRequest: ListArticlesRequest {
        var request = ListArticlesRequest()
        request.pageSize = 50
        request.pageToken = "t"
        request.since = "2026-02"
        request.until = "-7d"
        request.timeZone = "Asia/Shanghai"
        request.orderBy = "publish_time desc"
        request.view = .full
        request.channel = "资讯"
        request.source = "新华社"
        return request
    }

    private static var importRequest: ImportArticlesRequest {
        var capture = Capture()
        capture.content = Array("<p>\0".utf8)
        capture.fileName = "a.txt"
        var request = ImportArticlesRequest()
        request.sequence = -7
        request.item = .capture(capture)
        return request
    }

    private static var status: RPCStatus {
        var info = ErrorInfo()
        info.reason = "TIME_INVALID"
        info.domain = "news.v1"
        var detail = AnyMessage()
        detail.typeUrl = "type.googleapis.com/google.rpc.ErrorInfo"
        detail.value = info.encoded()
        var status = RPCStatus()
        status.code = 3
        status.message = "since \"2026-13\": month must be 01 to 12"
        status.details = [detail]
        return status
    }

    private static var errorInfo: ErrorInfo {
        var info = ErrorInfo()
        info.reason = "TIME_INVALID"
        info.domain = "news.v1"
        info.metadata = ["field": "since", "b": "2"]
        return info
    }

    private static var healthList: HealthListResponse {
        var serving = HealthCheckResponse()
        serving.status = .serving
        var down = HealthCheckResponse()
        down.status = .notServing
        var response = HealthListResponse()
        response.statuses = ["z": down, "news.v1.NewsService": serving]
        return response
    }
}

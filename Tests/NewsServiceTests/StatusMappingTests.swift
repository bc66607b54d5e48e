import Files
import Foundation
import GRPCWire
import NewsMessages
import NewsModel
import NewsStore
import Testing

@testable import NewsService

@Suite("Errors as statuses") struct StatusMappingTests {
    static let period = Period.month(year: 2026, month: 2)

    @Test(
        "of the store have one code and reason each",
        arguments: [
            (StoreError.damaged(DamagedPlace(shard: "2026-02", table: "rows", key: "k")), 15, "CHECKSUM_MISMATCH"),
            (.unavailable(period), 14, "SHARD_UNAVAILABLE"), (.readOnly(period), 14, "STORE_READ_ONLY"),
            (.outcomeUnknown(period), 14, "STORE_READ_ONLY"), (.full(path: "/secret"), 8, "STORE_FULL"),
            (.closed, 14, "DRAINING"), (.wrongPeriod(period), 9, "PERIOD_CHANGED"),
            (.locatedElsewhere(period), 9, "PERIOD_CHANGED"), (.notWritable(path: "/secret"), 14, "STORE_READ_ONLY"),
            (.deleted(ArticleID(day: nil, discriminator: 1)), 9, "ARTICLE_DELETED"),
            (.tooLarge(what: "row", byteCount: 2, limit: 1), 8, "MESSAGE_TOO_LARGE"),
            (.file(FileError(.open, "/secret", code: EMFILE)), 8, "OVERLOADED"),
            (.zoneUnknown(name: "X/Y"), 13, "STORE_FAILED"),
            (.newerFormat(path: "/secret", found: 2, supported: 1), 13, "STORE_FAILED"),
        ] as [(StoreError, Int, String)])
    func storeErrors(error: StoreError, code: Int, reason: String) throws {
        let status = Failure(error).status
        let refused = try RefusedCall(decoding: status)
        #expect(status.code.rawValue == code && refused.reason == reason)
        // Paths of the server are nobody's business.
        #expect(!status.message.contains("/secret"))
    }

    @Test("of decoding are INTERNAL, but for U+0000 in a text")
    func messageErrors() throws {
        #expect(Failure(MessageError.malformed(message: "news.v1.Article")).status.code == .internalError)
        #expect(Failure(MessageError.textNotUTF8(field: "article.title")).reason == .requestMalformed)
        let refused = try RefusedCall(decoding: Failure(MessageError.textHasNUL(field: "article.title")).status)
        #expect(refused.code == .invalidArgument && refused.reason == "TEXT_INVALID")
        #expect(refused.fields == ["article.title"])
    }

    @Test("of page tokens say what to do", arguments: [PageTokenError.invalid, .mismatch, .expired])
    func pageTokens(error: PageTokenError) {
        let failure = Failure(error)
        #expect(failure.code == .invalidArgument && failure.field == "page_token")
        #expect(failure.reason == (error == .mismatch ? .pageTokenMismatch : .pageTokenInvalid))
    }

    @Test("of every reason carry a google.rpc.Status with an ErrorInfo", arguments: Reason.allCases)
    func reasons(reason: Reason) throws {
        let refused = try RefusedCall(decoding: Failure(.unknown, reason, "text", metadata: ["k": "v"]).status)
        #expect(refused.code == .unknown && refused.message == "text")
        #expect(refused.reason == reason.rawValue && refused.metadata == ["k": "v"])
        let isForm = reason.rawValue.utf8.allSatisfy { (0x41...0x5A).contains($0) || $0 == UInt8(ascii: "_") }
        #expect(isForm && reason.rawValue.utf8.count <= 63)
    }

    @Test("of the server itself get a reason by their code", arguments: 1...16)
    func serverErrors(code: Int) throws {
        let status = Failure(undetailed: Status(StatusCode(rawValue: code), "text")).status
        let refused = try RefusedCall(decoding: status)
        #expect(refused.code.rawValue == code && refused.message == "text" && !refused.reason.isEmpty)
    }

    @Test("say when to try again, where that helps")
    func retry() throws {
        let failure = Failure(.unavailable, .overloaded, "busy", retryDelay: .milliseconds(1500))
        let refused = try RefusedCall(decoding: failure.status)
        #expect(refused.retryDelay?.seconds == 1 && refused.retryDelay?.nanos == 500_000_000)
        #expect(try RefusedCall(decoding: Failure(StoreError.outcomeUnknown(Self.period)).status).retryDelay != nil)
        #expect(try RefusedCall(decoding: Failure(StoreError.full(path: "/x")).status).retryDelay == nil)
    }

    @Test("keep their reason when the fields at fault are too many to be sent")
    func manyFields() throws {
        let faults = (0..<500).map { number in
            FieldViolation(field: "labels[\(number)]", reason: .invalid, description: "is wrong")
        }
        let listed = try RefusedCall(decoding: Failure(faults).status)
        #expect(listed.fields.count == 20 && listed.reason == "FIELD_INVALID")
        let long = FieldViolation(field: "a", reason: .invalid, description: String(repeating: "x", count: 4000))
        var failure = Failure([long])
        failure.message = "too long"
        let refused = try RefusedCall(decoding: failure.status)
        #expect(refused.fields.isEmpty && refused.reason == "FIELD_INVALID")
        #expect(failure.status.details.count <= Status.detailsMax)
    }

    @Test("list every field at fault, with the first one's reason")
    func fields() throws {
        let failure = Failure([
            FieldViolation(field: "a", reason: .required, description: "a is required"),
            FieldViolation(field: "b", reason: .invalid, description: "b is wrong"),
        ])
        let refused = try RefusedCall(decoding: failure.status)
        #expect(refused.reason == "FIELD_REQUIRED" && refused.fields == ["a", "b"])
        #expect(refused.message == "a is required")
    }
}

@Suite("Zones of requests") struct ZoneTableTests {
    @Test("are loaded once, and the store's own never")
    func loading() {
        let loads = TestCounter()
        let zones = ZoneTable(storeZone: .utc) { name in
            loads.count()
            return name == "Test/Plus2" ? ZoneRules(name: name, secondsEast: 7200) : nil
        }
        #expect(zones[""] == .utc && zones["UTC"] == .utc && loads.value == 0)
        #expect(zones["Test/Plus2"]?.name == "Test/Plus2" && zones["Test/Plus2"] != nil && loads.value == 1)
        #expect(zones["Test/Other"] == nil)
        #expect(zones[String(repeating: "x", count: 65)] == nil && loads.value == 2)
    }
}

import Access
import NewsModel
import Testing

@Suite("The token file") struct AccessFileTests {
    private static let hash = TokenHash(of: "secret").hex

    private func read(_ text: String) throws -> [AccessEntry] { try AccessFile.read(Array(text.utf8)) }

    private func fault(_ text: String) -> String? {
        do throws(AccessFile.Fault) {
            _ = try AccessFile.read(Array(text.utf8))
            return nil
        } catch {
            return error.description
        }
    }

    @Test("says who may do what, until when, and how much")
    func entry() throws {
        let entries = try read(
            """
            # Who may write.

            {"name":"importer","sha256":"\(Self.hash)","scopes":["articles.read","articles.write"],\
            "created":"2026-03-01T08:00:00Z","expires":"2027-03-01T00:00:00Z",\
            "limits":{"callsPerSecond":100,"callBurst":5,"callsInFlight":7,"bytesInFlight":4096}}
            {"name":"gateway","certificate":"spiffe://news/gateway","scopes":[],"created":"2026-03-01T08:00:00Z"}
            """)
        #expect(entries.map(\.name) == ["importer", "gateway"])
        #expect(entries[0].scopes == ScopeSet([.articlesRead, .articlesWrite]))
        #expect(entries[0].expires == (try RFC3339.parse("2027-03-01T00:00:00Z")))
        #expect(entries[0].limits.callsPerSecond == 100 && entries[0].limits.callBurst == 5)
        #expect(entries[0].limits.callsInFlight == 7 && entries[0].limits.bytesInFlight == 4096)
        #expect(entries[1].expires == nil && entries[1].limits.isEmpty)
        guard case .certificate("spiffe://news/gateway") = entries[1].credential else {
            Issue.record("not the certificate: \(entries[1].credential)")
            return
        }
    }

    @Test("comes back from what is written, to the byte")
    func roundTrip() throws {
        let text = """
            {"name":"a","sha256":"\(Self.hash)","scopes":["articles.read"],"created":"2026-03-01T08:00:00Z",\
            "expires":"2027-03-01T00:00:00Z","limits":{"callsPerSecond":3}}

            """
        #expect(try read(text).flatMap(AccessFile.line) == Array(text.utf8))
    }

    @Test(
        "is refused whole, by the line and what is wrong there",
        arguments: [
            (#"{"name":"a""#, "line 1: expected"),
            ("[]", "line 1: expected an object, found an array"),
            (#"{"name":"a","scopes":[],"created":"2026-03-01T08:00:00Z"}"#, "line 1: sha256 or certificate is missing"),
            (
                #"{"name":"a","sha256":"00","scopes":[],"created":"2026-03-01T08:00:00Z"}"#,
                "line 1: sha256: 64 hexadecimal digits"
            ),
            (#"{"name":"a b","certificate":"x","scopes":[],"created":""}"#, "line 1: name: 1 to 63"),
            (#"{"certificate":"x","scopes":[],"created":"2026-03-01T08:00:00Z"}"#, "line 1: name is missing"),
            (#"{"name":"a","certificate":"x","created":"2026-03-01T08:00:00Z"}"#, "line 1: scopes is missing"),
            (
                #"{"name":"a","certificate":"x","scopes":["articles"],"created":"2026-03-01T08:00:00Z"}"#,
                "line 1: scopes: each is one of articles.read, articles.write,"
            ),
            (#"{"name":"a","certificate":"x","scopes":[],"created":"today"}"#, "line 1: created: a time such as"),
            (
                #"{"name":"a","certificate":"x","scopes":[],"created":"2026-03-01T08:00:00Z","expire":""}"#,
                "line 1: unknown member \"expire\""
            ),
            (
                #"{"name":"a","certificate":"x","scopes":[],"created":"2026-03-01T08:00:00Z","limits":{"calls":1}}"#,
                "line 1: limits: unknown member \"calls\""
            ),
            (
                #"{"name":"a","certificate":"x","scopes":[],"created":"2026-03-01T08:00:00Z","#
                    + #""limits":{"callsInFlight":0}}"#,
                "line 1: limits.callsInFlight: a whole number above 0"
            ),
            (
                #"{"name":"a","certificate":"x","sha256":"","scopes":[],"created":"2026-03-01T08:00:00Z"}"#,
                "line 1: sha256 and certificate: one of them"
            ),
            (
                "#\n" + #"{"name":"a","certificate":"x","scopes":[],"created":"2026-03-01T08:00:00Z"}"# + "\n"
                    + #"{"name":"a","certificate":"y","scopes":[],"created":"2026-03-01T08:00:00Z"}"#,
                "line 3: the name \"a\" stands in an earlier line too"
            ),
            (
                #"{"name":"a","certificate":"x","scopes":[],"created":"2026-03-01T08:00:00Z"}"# + "\n"
                    + #"{"name":"b","certificate":"x","scopes":[],"created":"2026-03-01T08:00:00Z"}"#,
                "line 2: an earlier line has the same token or certificate"
            ),
        ])
    func faults(text: String, problem: String) {
        #expect(fault(text)?.hasPrefix(problem) == true, "\(fault(text) ?? "no fault")")
    }

    @Test("grows by a line and loses one, and the other lines stay as they were")
    func change() throws {
        let kept =
            "# kept\r\n{ \"name\" : \"a\", \"certificate\":\"x\",\"scopes\":[],\"created\":\"2026-03-01T08:00:00Z\"}"
        let entry = AccessEntry(
            name: "b", credential: .token(TokenHash(of: "t")), scopes: ScopeSet(.admin), created: .epoch)
        let grown = AccessFile.appending(entry, to: Array(kept.utf8))
        #expect(try AccessFile.read(grown).map(\.name) == ["a", "b"])
        #expect(try AccessFile.removing("b", from: grown) == Array((kept + "\n").utf8))
        let rest = try AccessFile.removing("a", from: grown)
        #expect(try AccessFile.read(try #require(rest)).map(\.name) == ["b"])
        #expect(rest?.starts(with: Array("# kept\r\n".utf8)) == true)
        #expect(try AccessFile.removing("c", from: grown) == nil)
    }
}

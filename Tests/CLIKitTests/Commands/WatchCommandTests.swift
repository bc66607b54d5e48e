import NewsClient
import NewsMessages
import Synchronization
import Testing

@Suite("watch") struct WatchCommandTests {
    private func response(_ position: String, _ changes: [(ChangeKind, Article)] = []) -> WatchArticlesResponse {
        var response = WatchArticlesResponse()
        response.position = position
        response.changes = changes.map { kind, article in
            var change = ArticleChange()
            change.kind = kind
            change.revision = article.revision
            change.changeTime = SampleArticles.timestamp(1_772_640_000)
            change.article = article
            return change
        }
        return response
    }

    /// A server that answers one watch after the other.
    private func run(_ calls: [([WatchArticlesResponse], RPCError?)]) -> CLIRun {
        let run = CLIRun()
        let next = Atomic(0)
        run.server.onStream("WatchArticles") { (_: WatchArticlesRequest) in
            let place = next.add(1, ordering: .relaxed).oldValue
            return place < calls.count ? calls[place] : ([], RPCError(.unimplemented, "no more", origin: .server))
        }
        return run
    }

    private let listed = SampleArticles.listed()

    @Test("prints each change on a line of fixed columns on a terminal")
    func table() async {
        var run = run([([response("p0"), response("p1", [(.created, listed), (.deleted, listed)])], nil)])
        run.terminal = 80
        let outcome = await run("watch", "--limit", "2")
        #expect(
            outcome.output == """
                2026-03-04T16:00:00Z  created    2026-03-05        国家药监局召开挂职干部座谈会
                2026-03-04T16:00:00Z  deleted    2026-03-05        国家药监局召开挂职干部座谈会

                """)
        #expect(outcome.code == 0)
    }

    @Test("prints one JSON object for each change where another program reads")
    func json() async {
        let outcome = await run([([response("p1", [(.created, listed)])], nil)])("watch", "--limit", "1")
        #expect(outcome.output.hasPrefix(#"{"kind":"CREATED","revision":9007199254740993,"changeTime":"2026-03-04T"#))
        #expect(outcome.output.contains(#""stats":{"viewCount":59,"commentCount":0}"#))
        #expect(outcome.output.filter { $0 == "\n" }.count == 1)
    }

    @Test("prints names, or fields between tabs", arguments: ["name", "tsv"])
    func lines(format: String) async {
        let outcome = await run([([response("p1", [(.updated, listed)])], nil)])("watch", "--limit", "1", "-o", format)
        let fields = "2026-03-04T16:00:00Z\tupdated\t9007199254740993\t\(listed.name)\t\(listed.title)\n"
        #expect(outcome.output == (format == "name" ? "\(listed.name)\n" : fields))
    }

    @Test("asks for what the options say")
    func options() async throws {
        let run = run([([response("p1", [(.created, listed)])], nil)])
        _ = await run("watch", "--from", "p0", "--channel", "资讯", "--source", "S", "--stats", "--full", "--limit", "1")
        let request = try run.server.requests("WatchArticles", WatchArticlesRequest.self)[0]
        #expect(request.position == "p0" && request.channel == "资讯" && request.source == "S")
        #expect(request.includeStats && request.view == .full)
    }

    @Test("goes on from its position when the server goes and comes back")
    func restart() async throws {
        let gone = RPCError(.unavailable, "the server is stopping", origin: .server)
        let run = run([([response("p1", [(.created, listed)])], gone), ([response("p2", [(.updated, listed)])], nil)])
        let outcome = await run("watch", "--limit", "2", "-o", "name")
        #expect(outcome.output == "\(listed.name)\n\(listed.name)\n")
        #expect(outcome.errors == "the server is stopping; trying again\n")
        #expect(try run.server.requests("WatchArticles", WatchArticlesRequest.self).map(\.position) == ["", "p1"])
    }

    @Test("ends when it never reached the server, or the server refuses")
    func refusals() async {
        let absent = RPCError(.unavailable, "nothing listens", origin: .notConnected)
        #expect(await run([([], absent)])("watch").code == 5)
        let refused = RPCError(.permissionDenied, "no", origin: .server)
        #expect(await run([([response("p1")], refused)])("watch").code == 64 + 7)
    }

    @Test("says that changes are missing when they are no longer kept, and goes on from the list")
    func compacted() async throws {
        let compacted = RPCError(.outOfRange, "changes up to revision 9 are no longer kept", origin: .server)
        let run = run([([], compacted), ([response("p9", [(.created, listed)])], nil)])
        run.server.on("ListArticles") { (_: ListArticlesRequest) in
            var list = ListArticlesResponse()
            list.position = "p8"
            return list
        }
        let outcome = await run("watch", "--from", "p0", "--limit", "1", "-o", "name")
        #expect(outcome.output == "\(listed.name)\n")
        #expect(outcome.errors.contains("no longer kept") && outcome.errors.contains("changes are missing here"))
        #expect(try run.server.requests("WatchArticles", WatchArticlesRequest.self).map(\.position) == ["p0", "p8"])
    }

    @Test("keeps its position in a file and begins there the next time")
    func resuming() async throws {
        var run = run([
            ([response("p3"), response("p4", [(.created, listed)]), response("p5", [(.created, listed)])], nil)
        ])
        run.files["state"] = "p2\n"
        run.watchedFiles.watch("state")
        _ = await run("watch", "--resume", "state", "--limit", "2")
        #expect(try run.server.requests("WatchArticles", WatchArticlesRequest.self).map(\.position) == ["p2"])
        #expect(run.watchedFiles["state"] == "p5\n")
    }

    @Test("takes one place to begin and not two")
    func usage() async {
        #expect(await CLIRun()("watch", "--from", "a", "--resume", "b").code == 2)
        #expect(await CLIRun()("watch", "--limit", "-1").code == 2)
    }
}

import Foundation
import NewsClient
import NewsMessages
import TestKit
import Testing

/// Options of `newsrpc-server` that are about its store.
@Suite("An option of the server") struct ServeOptionTests {
    @Test("--keep-changes says how long the change feed goes back")
    func keepChanges() async throws {
        let directory = try TemporaryDirectory("option")
        let server = try #require(
            try await ServedStore.start(directory.entry("store"), arguments: ["--keep-changes", "1s"]))
        var request = ListArticleChangesRequest()
        request.position = try await server.client.listArticles(ListArticlesRequest()).position
        _ = try await server.create("title", on: "02-05")
        #expect(try await server.client.listArticleChanges(request).changes.count == 1)
        let end = ContinuousClock.now + .seconds(60 * Patience.factor)
        var refusal: RPCError?
        while refusal == nil, ContinuousClock.now < end {
            do throws(RPCError) { _ = try await server.client.listArticleChanges(request) } catch { refusal = error }
        }
        #expect(refusal?.code == .outOfRange && refusal?.reason == "POSITION_COMPACTED")
        #expect(await server.stop() == 0)
    }

    @Test(
        "is refused where it says nothing that can be done",
        arguments: [["--keep-changes", "0s"], ["--keep-changes", "a week"]])
    func refused(option: [String]) async throws {
        let directory = try TemporaryDirectory("option")
        let program = Places.programs.appending(path: "newsrpc-server").path
        let outcome = try await Subprocess.run(program, ["--data", directory.entry("store")] + option)
        #expect(outcome.status == 2 && outcome.output.contains("--keep-changes"), "\(outcome.output)")
    }
}

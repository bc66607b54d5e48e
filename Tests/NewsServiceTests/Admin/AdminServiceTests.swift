import GRPCCall
import GRPCWire
import NewsMessages
import NewsModel
import NewsService
import NewsStore
import TestKit
import Testing

@Suite("AdminService") struct AdminServiceTests {
    private func stats(_ harness: ServiceHarness, shards: Bool = true) throws -> StoreStats {
        var request = GetStoreStatsRequest()
        request.includeShards = shards
        return try harness.call(.adminServiceGetStoreStats, request)
    }

    @Test("GetStoreStats counts articles, deleted ones and bytes, in all and for each shard")
    func statistics() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        let empty = try stats(harness)
        #expect(empty.articleCount == 0 && empty.shards.isEmpty)
        _ = try harness.create("one", at: "2026-02-27T07:55:00Z")
        let second = try harness.create("two", at: "2026-02-28T07:55:00Z")
        _ = try harness.create("three", at: "2025-02-28T07:55:00Z")
        _ = try harness.create("undated", at: "")
        var delete = DeleteArticleRequest()
        delete.name = second.name
        let _: Article = try harness.call(.newsServiceDeleteArticle, delete)

        let stats = try stats(harness)
        #expect(stats.articleCount == 4 && stats.deletedCount == 1)
        #expect(stats.shardCount == 3 && stats.impairedShardCount == 0)
        #expect(stats.shards.map(\.name) == ["shards/undated", "shards/2025-02", "shards/2026-02"])
        #expect(stats.shards.map(\.articleCount) == [1, 1, 2])
        #expect(stats.shards.map(\.deletedCount) == [0, 0, 1])
        #expect(stats.shards.allSatisfy { $0.state == .serving && $0.dataBytes > $0.freeBytes && $0.freeBytes >= 0 })
        #expect(stats.dataBytes == stats.shards.reduce(0) { $0 + $1.dataBytes })
        let list: ListArticlesResponse = try harness.call(.newsServiceListArticles, ListArticlesRequest())
        #expect(stats.position == list.position)
        #expect(try self.stats(harness, shards: false).shards.isEmpty)
    }

    @Test("StartCompaction refuses what is no shard, and gives the bytes of an emptied one back")
    func compaction() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        var request = StartCompactionRequest()
        request.shards = ["shards/2026-02", "2026-02"]
        let refused = try harness.failure(.adminServiceStartCompaction, request)
        #expect(refused.code == .invalidArgument && refused.fields == ["shards[1]"])

        let body = String(repeating: "text ", count: 10_000)
        for number in 0..<20 {
            let article = try harness.create("title \(number)", at: "2026-02-27T07:55:00Z", body: body)
            var delete = DeleteArticleRequest()
            delete.name = article.name
            delete.purgeDelay = ProtoDuration()
            let _: Article = try harness.call(.newsServiceDeleteArticle, delete)
        }
        request.shards = ["shards/2026-02"]
        let started: NewsMessages.Operation = try harness.call(.adminServiceStartCompaction, request)
        #expect(started.kind == .compaction && started.state == .running)
        let end = try watched(started.name, harness)
        #expect(end.state == .succeeded)
        let shard = try #require(end.compaction?.shards.first)
        #expect(shard.name == "shards/2026-02" && shard.bytesAfter < shard.bytesBefore && shard.error == nil)
        let list: ListOperationsResponse = try harness.call(
            .adminServiceListOperations, ListOperationsRequest())
        #expect(list.operations == [end])
    }

    @Test("StartBackup saves the store below the backup root, and refuses names that lead out of it")
    func backup() throws {
        let root = try TemporaryDirectory("backups")
        let harness = try ServiceHarness(admin: AdminCore.Configuration(backupRoot: root.path))
        defer { harness.close() }
        _ = try harness.create("one", at: "2026-02-27T07:55:00Z")
        var request = StartBackupRequest()
        for name in ["", "../x", "a/b", ".", "..", String(repeating: "x", count: 201)] {
            request.target = name
            #expect(try harness.failure(.adminServiceStartBackup, request).fields == ["target"])
        }
        request.target = "all.tar.zst"
        request.baseBackup = "monday"
        #expect(try harness.failure(.adminServiceStartBackup, request).fields == ["base_backup"])
        request.target = "monday"
        request.baseBackup = ""
        let started: NewsMessages.Operation = try harness.call(.adminServiceStartBackup, request)
        let result = try #require(try watched(started.name, harness).backup)
        #expect(result.target == "monday" && result.articleCount == 1 && result.shardCount == 1)
        #expect(result.manifestSha256.count == 32 && result.missingShards.isEmpty)
        let list: ListArticlesResponse = try harness.call(.newsServiceListArticles, ListArticlesRequest())
        #expect(result.position == list.position && result.endPosition == list.position)
        let restored = root.entry("restored")
        _ = try Store.restore(root.entry("monday"), to: restored) { Issue.record("\($0)") }
        let store = try Store.open(restored)
        defer { store.close() }
        #expect(store.articleCount == 1)
        let again: NewsMessages.Operation = try harness.call(.adminServiceStartBackup, request)
        let failed = try watched(again.name, harness)
        #expect(failed.state == .failed && failed.error?.reason == "BACKUP_IMPOSSIBLE")
    }

    @Test("StartBackup needs a backup root")
    func noRoot() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        var request = StartBackupRequest()
        request.target = "monday"
        #expect(try harness.failure(.adminServiceStartBackup, request).reason == "BACKUP_ROOT_MISSING")
    }

    @Test("StartRetention drops what is older than is to be kept, or says what that is")
    func retention() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        _ = try harness.create("new", at: "2026-02-27T07:55:00Z")
        _ = try harness.create("old", at: "2020-02-27T07:55:00Z")
        var request = StartRetentionRequest()
        for keep in ["", "24", "-1y", "0mo x"] {
            request.keep = keep
            #expect(try harness.failure(.adminServiceStartRetention, request).fields == ["keep"])
        }
        request.keep = "2y"
        request.validateOnly = true
        for isDryRun in [true, false] {
            request.validateOnly = isDryRun
            let started: NewsMessages.Operation = try harness.call(.adminServiceStartRetention, request)
            let shards = try #require(try watched(started.name, harness).retention?.shards)
            #expect(shards.map(\.name) == ["shards/2020-02"] && shards.first?.articleCount == 1)
            let list: ListArticlesResponse = try harness.call(.newsServiceListArticles, ListArticlesRequest())
            #expect(list.articles.map(\.title) == (isDryRun ? ["new", "old"] : ["new"]))
        }
    }

    @Test("StartResharding brings the articles into shards of another length or number of slots; lists and names stay")
    func resharding() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        var names: [String] = []
        for month in ["01", "02", "03", "05"] {
            names.append(try harness.create("of \(month)", at: "2026-\(month)-27T07:55:00Z").name)
        }
        #expect(try harness.failure(.adminServiceStartResharding, StartReshardingRequest()).fields == ["period"])
        for slots in [-1, 17] as [Int32] {
            var request = StartReshardingRequest()
            request.slots = slots
            #expect(try harness.failure(.adminServiceStartResharding, request).fields == ["slots"])
        }
        let before: ListArticlesResponse = try harness.call(.newsServiceListArticles, ListArticlesRequest())
        let ways: [(period: ShardPeriod, slots: Int32, shards: Int)] = [
            (.quarter, 0, 2), (.year, 0, 1), (.unspecified, 4, 2), (.month, 2, 4), (.unspecified, 1, 4),
        ]
        for (asked, slots, shards) in ways {
            var request = StartReshardingRequest()
            (request.period, request.slots) = (asked, slots)
            let earlier: StoreStats = try harness.call(.adminServiceGetStoreStats, GetStoreStatsRequest())
            let period = asked == .unspecified ? earlier.period : asked
            let started: NewsMessages.Operation = try harness.call(.adminServiceStartResharding, request)
            let end = try watched(started.name, harness)
            #expect(end.state == .succeeded && end.resharding?.period == period)
            #expect(end.resharding?.slots == (slots == 0 ? 1 : slots))
            #expect(end.resharding?.shardCount == Int64(shards) && end.resharding?.articleCount == 4)
            let stats: StoreStats = try harness.call(.adminServiceGetStoreStats, GetStoreStatsRequest())
            #expect(stats.period == period && stats.slots == end.resharding?.slots)
            let after: ListArticlesResponse = try harness.call(.newsServiceListArticles, ListArticlesRequest())
            #expect(after.articles == before.articles)
            for name in names {
                var get = GetArticleRequest()
                get.name = name
                let article: Article = try harness.call(.newsServiceGetArticle, get)
                #expect(article.name == name)
            }
        }
    }

    /// The last that a watch tells of an operation, which ends the watch.
    private func watched(_ name: String, _ harness: ServiceHarness) throws -> NewsMessages.Operation {
        let sink = TestSink()
        let handler = harness.open(.adminServiceWatchOperation, sink)
        var request = WatchOperationRequest()
        request.name = name
        let bytes = request.encoded()
        handler.received(bytes.span)
        handler.halfClosed()
        defer { handler.ended() }
        var count = 0
        while sink.status == nil {
            count = sink.waitForMore(than: count)
            handler.drained()
        }
        let (messages, status) = sink.waitForEnd()
        #expect(status.isOK, "\(status)")
        return try NewsMessages.Operation(try #require(messages.last))
    }

    @Test("a watch without a request, and one of an operation that is not known, are refused")
    func watch() throws {
        let harness = try ServiceHarness()
        defer { harness.close() }
        for (request, reason) in [(WatchOperationRequest?.none, "REQUEST_MALFORMED"), (.init(), "OPERATION_NOT_FOUND")]
        {
            let sink = TestSink()
            let handler = harness.open(.adminServiceWatchOperation, sink)
            let bytes = request?.encoded()
            if let bytes { handler.received(bytes.span) }
            handler.halfClosed()
            let refused = try RefusedCall(decoding: sink.waitForEnd().status)
            #expect(refused.reason == reason)
            handler.ended()
        }
    }
}

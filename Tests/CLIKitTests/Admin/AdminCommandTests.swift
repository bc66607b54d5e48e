import NewsClient
import NewsMessages
import Testing

@Suite("admin") struct AdminCommandTests {
    private func stats(_ states: ShardState...) -> StoreStats {
        var stats = StoreStats()
        stats.articleCount = 1200
        stats.deletedCount = 3
        stats.dataBytes = 5 << 20
        stats.freeBytes = 1 << 20
        stats.shardCount = Int64(states.count)
        stats.shards = states.enumerated().map { index, state in
            var shard = ShardStats()
            shard.name = "shards/2026-0\(index + 1)"
            shard.state = state
            shard.articleCount = 600
            shard.dataBytes = 2_621_440
            shard.reason = state == .serving ? "" : "its file is damaged"
            return shard
        }
        stats.impairedShardCount = Int64(states.count { $0 != .serving })
        var turns = DurationHistogram()
        turns.counts = [0, 0, 500, 499, 0, 0, 1]
        var longest = ProtoDuration()
        longest.nanos = 61_000
        turns.longest = longest
        stats.loopTurns = turns
        return stats
    }

    private func run(_ stats: StoreStats) -> CLIRun {
        let run = CLIRun()
        run.server.on("GetStoreStats") { (_: GetStoreStatsRequest) in stats }
        return run
    }

    @Test("stats sums the store up, and ends with 1 and the shard's reason when one is not serving")
    func statistics() async {
        let sound = await run(stats(.serving, .serving))("admin", "stats")
        #expect(
            sound.output == """
                articles  1200, 3 of them deleted
                shards    2
                files     5.0 MiB, 1.0 MiB of it free
                turns     1000, half of them below 4 us, 99.9 % below 8 us, longest 61 us

                """)
        #expect(sound.code == 0)
        var divided = stats(.serving, .serving)
        (divided.period, divided.slots) = (.month, 1)
        #expect(await run(divided)("admin", "stats").output.contains("shards    2 by month\n"))
        (divided.period, divided.slots, divided.impairedShardCount) = (.quarter, 4, 1)
        #expect(await run(divided)("admin", "stats").output.contains("shards    2 by quarter in 4 slots, 1 impaired\n"))
        let impaired = await run(stats(.serving, .unavailable))("admin", "stats")
        #expect(impaired.code == 1)
        #expect(
            impaired.output.contains(
                """
                shards    2, 1 impaired
                """))
        #expect(
            impaired.output.hasSuffix(
                """
                SHARD    STATE        ARTICLES  DELETED     SIZE  FREE  REASON
                2026-02  unavailable       600        0  2.5 MiB   0 B  its file is damaged

                """))
        let json = await run(stats(.serving, .unavailable))("admin", "stats", "-o", "jsonl")
        #expect(json.output.hasPrefix(#"{"articleCount":1200,"deletedCount":3,"#))
        #expect(json.output.contains(#""state":"UNAVAILABLE""#) && !json.output.contains("2026-01"))
    }

    @Test("calls the listener for administration: option, variable, else port 50052")
    func place() async {
        var run = run(stats(.serving))
        _ = await run("admin", "stats")
        run.environment["NEWSRPC_SERVER"] = "news:1"
        _ = await run("admin", "stats")
        run.environment["NEWSRPC_ADMIN_SERVER"] = "admin:2"
        _ = await run("admin", "stats")
        _ = await run("admin", "stats", "--server", "option:3")
        _ = await run("--server", "before:4", "admin", "stats")
        #expect(run.places.addresses == ["127.0.0.1:50052", "127.0.0.1:50052", "admin:2", "option:3", "before:4"])
    }

    // MARK: Operations

    private func operation(
        _ state: OperationState, _ fill: (inout NewsMessages.Operation) -> Void = { _ in }
    ) -> NewsMessages.Operation {
        var operation = NewsMessages.Operation()
        operation.name = "operations/compaction-1"
        operation.kind = .compaction
        operation.state = state
        fill(&operation)
        return operation
    }

    /// A server whose compaction goes on like this.
    private func run(_ states: [NewsMessages.Operation]) -> CLIRun {
        let run = CLIRun()
        let first = operation(.running)
        run.server.on("StartCompaction") { (_: StartCompactionRequest) in first }
        run.server.on("CancelOperation") { (_: CancelOperationRequest) in Empty() }
        run.server.onStream("WatchOperation") { (_: WatchOperationRequest) in (states, nil) }
        return run
    }

    private func compacted(_ error: ItemError? = nil) -> NewsMessages.Operation {
        operation(.succeeded) { operation in
            var result = CompactionResult()
            var shard = CompactedShard()
            shard.name = "shards/2026-01"
            shard.bytesBefore = 3 << 20
            shard.bytesAfter = 1 << 20
            result.shards = [shard]
            if let error {
                var other = CompactedShard()
                other.name = "shards/2026-02"
                other.error = error
                result.shards.append(other)
            }
            operation.compaction = result
        }
    }

    @Test("a command that starts something waits for its end and prints what came of it")
    func waits() async throws {
        let run = run([operation(.running), compacted()])
        let outcome = await run("admin", "compact", "2026-01", "shards/undated")
        #expect(outcome == .init(output: "1 shard compacted, 2.0 MiB given back\n", errors: "", code: 0))
        let requests = try run.server.requests("StartCompaction", StartCompactionRequest.self)
        #expect(requests.map(\.shards) == [["shards/2026-01", "shards/undated"]])
        var error = ItemError()
        error.message = "the value at 2026-02/rows/x is damaged; check the store"
        let partly = await self.run([compacted(error)])("admin", "compact")
        #expect(partly.code == 3)
        #expect(partly.output.hasPrefix("shards/2026-02 is as it was: the value at 2026-02/rows/x is damaged"))
    }

    @Test("reshard changes the period, the number of slots, or both")
    func reshard() async throws {
        let run = CLIRun()
        let first = operation(.running)
        run.server.on("StartResharding") { (_: StartReshardingRequest) in first }
        let done = operation(.succeeded) { operation in
            var result = ReshardingResult()
            (result.period, result.slots, result.shardCount, result.articleCount) = (.month, 4, 9, 1200)
            operation.resharding = result
        }
        run.server.onStream("WatchOperation") { (_: WatchOperationRequest) in ([done], nil) }
        for arguments in [["quarter"], ["--slots", "4"], ["year", "--slots", "1"]] {
            let outcome = await run.run(["admin", "reshard"] + arguments)
            #expect(outcome.output == "1200 articles in 9 shards of 1/4 of a month each\n" && outcome.code == 0)
        }
        let requests = try run.server.requests("StartResharding", StartReshardingRequest.self)
        #expect(requests.map(\.period) == [.quarter, .unspecified, .year] && requests.map(\.slots) == [0, 4, 1])
        for arguments in [[], ["--slots", "0"], ["--slots", "17"], ["week"]] {
            #expect(await run.run(["admin", "reshard"] + arguments).code == 2, "\(arguments)")
        }
    }

    @Test("with --detach it prints the operation's name at once")
    func detach() async {
        let outcome = await run([])("admin", "compact", "--detach")
        #expect(outcome == .init(output: "operations/compaction-1\n", errors: "", code: 0))
    }

    @Test("an operation that fails or is cancelled ends with 1, and one that was to be cancelled with 0")
    func endings() async {
        var error = ItemError()
        error.message = "the store has no room left"
        let failed = await run([operation(.failed) { $0.error = error }])("admin", "compact")
        #expect(
            failed
                == .init(
                    output: "",
                    errors: "newsrpc-cli: compact: operations/compaction-1 failed: the store has no room left\n",
                    code: 1))
        let cancelled = run([operation(.cancelled)])
        #expect(await cancelled("admin", "wait", "compaction-1").code == 1)
        let outcome = await cancelled("admin", "cancel", "compaction-1")
        #expect(outcome == .init(output: "operations/compaction-1: cancelled\n", errors: "", code: 0))
    }

    @Test("shows how far it has come on a terminal, and takes that away at the end")
    func progress() async {
        var run = run([
            operation(.running) {
                $0.totalCount = 12
                $0.doneCount = 3
            }, compacted(),
        ])
        run.errorsAreTerminal = true
        let outcome = await run("admin", "compact")
        #expect(outcome.errors == "\r\u{1B}[Koperations/compaction-1: 3 of 12\r\u{1B}[K")
    }

    @Test("retain asks for either --dry-run or --yes")
    func retain() async {
        let run = run([])
        #expect(await run("admin", "retain", "24mo").code == 2)
        #expect(await run("admin", "retain", "24mo", "--yes", "--dry-run").code == 2)
    }
}

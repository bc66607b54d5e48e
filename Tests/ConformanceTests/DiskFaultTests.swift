import Files
import Foundation
import NewsClient
import NewsMessages
import TestKit
import Testing

/// Writes and flushes of the store's files that fail, and ends of the process at each of them, under the server as it
/// is run. Tests/Faults/faults.c brings them about.
@Suite("Faults of the disk", .serialized, .disabled(if: ServedStore.isSanitized, "a sanitizer must be loaded first"))
struct DiskFaultTests {
    /// What the fault is: an errno of Linux, or the end of the process.
    enum Action: String, CaseIterable, Sendable {
        case inputOutputError = "5"
        case noSpace = "28"
        case kill
        case torn
    }

    /// What a client knows of the articles that it has created.
    private struct Known {
        /// Answered with OK: must be there, whole.
        var acknowledged: [String: Article] = [:]
        /// Titles of those whose call failed: may be there, whole, or not.
        var unanswered: Set<String> = []
        /// How many calls failed with what.
        var codes: [String: Int] = [:]
    }

    /// Creates articles in two shards, several at one time.
    private func work(_ server: ServedStore, _ known: inout Known, round: String) async {
        for step in 0..<4 {
            let titles = (0..<3).map { "\(round) \(step) \($0)" }
            let answers = await withTaskGroup(of: (String, Article?, String).self) { group in
                for (number, title) in titles.enumerated() {
                    group.addTask {
                        let body = String(repeating: "\(title). ", count: number == 0 ? 700 : 20)
                        do {
                            let day = number == 2 ? "03-05" : "02-05"
                            return (title, try await server.create(title, on: day, body: body), "")
                        } catch {
                            return (title, nil, (error as? RPCError)?.code.name ?? "\(error)")
                        }
                    }
                }
                return await group.reduce(into: [(String, Article?, String)]()) { $0.append($1) }
            }
            for (title, article, code) in answers {
                if let article {
                    known.acknowledged[article.name] = article
                } else {
                    known.unanswered.insert(title)
                    known.codes[code, default: 0] += 1
                }
            }
        }
    }

    /// Expects what was answered, whole, and nothing that nobody sent.
    private func expectKept(_ server: ServedStore, _ known: Known, _ round: String) async {
        for (name, article) in known.acknowledged {
            guard case .article(let stored) = await server.get(name) else {
                Issue.record("\(round): \(name) was acknowledged and is not there")
                continue
            }
            #expect(stored.title == article.title && stored.body.hasPrefix(article.title), "\(round)")
        }
        guard let list = await server.list() else {
            Issue.record("\(round): no list")
            return
        }
        #expect(list.unreachable.isEmpty, "\(round)")
        for name in list.names where known.acknowledged[name] == nil {
            guard case .article(let stored) = await server.get(name) else {
                Issue.record("\(round): \(name) is listed and not there")
                continue
            }
            #expect(known.unanswered.contains(stored.title), "\(round): nobody sent \(name)")
            #expect(stored.body.hasPrefix(stored.title) && stored.body.count > 100, "\(round): half of \(name)")
        }
    }

    @Test(
        "lose nothing that was acknowledged, and leave nothing half there", .timeLimit(.minutes(15)),
        arguments: Action.allCases)
    func everyCall(action: Action) async throws {
        let shim = try await FaultShim.path()
        let directory = try TemporaryDirectory("faults")
        let store = directory.entry("store")
        var known = Known()
        let first = try #require(try await ServedStore.start(store))
        await work(first, &known, round: "begin")
        #expect(await first.stop() == 0)

        var random = SeededGenerator.forTest("faults of the disk, \(action)")
        let rounds = ProcessEnvironment.value(of: "NEWSRPC_ROUNDS").flatMap { Int($0) }
        var call = rounds == nil ? Int.random(in: 1...4, using: &random) : 1
        var firedCount = 0
        for _ in 0..<(rounds ?? 6) {
            let (round, mark) = ("\(action) at call \(call)", directory.entry("mark"))
            try FileSystem.remove(mark)
            let server = try await ServedStore.start(
                store,
                environment: [
                    "LD_PRELOAD": shim, "NEWSRPC_FAULT_AT": "\(call)", "NEWSRPC_FAULT_ACTION": action.rawValue,
                    "NEWSRPC_FAULT_MARK": mark,
                ])
            if let server {
                await work(server, &known, round: round)
                // The fault was one call: writes go on after it, on a disk that works again.
                if action == .inputOutputError || action == .noSpace {
                    let title = "after \(round)"
                    let body = String(repeating: title + ". ", count: 20)
                    let after = try? await server.create(title, on: "02-06", body: body)
                    #expect(after != nil, "\(round): no writes after the fault")
                    if let after { known.acknowledged[after.name] = after }
                }
                _ = await server.stop()
            }
            let hasFired = try FileSystem.exists(mark)
            if hasFired { firedCount += 1 }
            let check = try await Subprocess.run(
                Places.programs.appending(path: "newsrpc-server").path, ["check", store])
            #expect(check.status == 0, "\(round): \(check.output)")
            let next = try #require(try await ServedStore.start(store), "\(round): the next start failed")
            await expectKept(next, known, round)
            #expect(await next.stop() == 0, "\(round)")
            if !hasFired { break }  // The work ends before that call.
            call += rounds == nil ? Int.random(in: 1...9, using: &random) : 1
        }
        #expect(firedCount > 0)
        print("\(action): \(firedCount) faults, the last before call \(call); failed calls: \(known.codes)")
    }
}

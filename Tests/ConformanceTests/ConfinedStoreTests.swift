import Files
import Foundation
import NewsClient
import NewsMessages
import TestKit
import Testing

/// Stores that the system gives less than they want: room, writing, sizes of files, descriptors.
@Suite("A store that is confined", .disabled(if: ServedStore.isSanitized, "a sanitizer needs more than is given"))
struct ConfinedStoreTests {
    private let program = Places.programs.appending(path: "newsrpc-server").path

    /// Creates articles of 100,000 bytes until one is refused.
    ///
    /// - Returns: those that were stored, and how the last was refused.
    private func fill(_ server: ServedStore, on day: String, most: Int) async -> ([Article], RPCError?) {
        var stored: [Article] = []
        for number in 0..<most {
            let body = String(repeating: "text \(number). ", count: 10_000)
            do throws(RPCError) {
                stored.append(try await server.create("title \(number)", on: day, body: body))
            } catch {
                return (stored, error)
            }
        }
        return (stored, nil)
    }

    private func expectThere(_ articles: [Article], _ server: ServedStore) async {
        for article in articles {
            guard case .article(let stored) = await server.get(article.name) else {
                Issue.record("\(article.name) was acknowledged and is not there")
                continue
            }
            #expect(stored.body == article.body)
        }
    }

    @Test(
        "refuses writes on a full disk with RESOURCE_EXHAUSTED, and takes them again once there is room",
        .enabled(if: MountNamespace.isPossible, "nothing may be mounted here"))
    func fullDisk() async throws {
        let directory = try TemporaryDirectory("confined")
        let disk = try MountNamespace(directory.entry("disk"), byteCount: 4 << 20)
        let store = disk.folder + "/store"
        #expect(try await disk.run("head", ["-c", "1M", "/dev/zero"]).status == 0)
        #expect(try await disk.run("fallocate", ["-l", "1M", disk.folder + "/ballast"]).status == 0)
        let server = try #require(try await ServedStore.start(store, program: disk.prefix))
        let (stored, refusal) = await fill(server, on: "02-05", most: 60)
        #expect(refusal?.code == .resourceExhausted)
        #expect(refusal?.reason == "STORE_FULL")
        #expect(stored.count > 5)
        await expectThere(stored, server)
        #expect(await server.list()?.names.count == stored.count)

        #expect(try await disk.run("rm", [disk.folder + "/ballast"]).status == 0)
        let (more, _) = await fill(server, on: "02-06", most: 3)
        #expect(more.count == 3)
        #expect(await server.stop() == 0)
        let check = try await disk.run(program, ["check", store])
        #expect(check.status == 0, "\(check.output)")
        let next = try #require(try await ServedStore.start(store, program: disk.prefix))
        await expectThere(stored + more, next)
        #expect(await next.stop() == 0)
        try disk.end()
    }

    @Test(
        "is not served from a disk that takes no writes, and says so; nothing is changed there",
        .enabled(if: MountNamespace.isPossible, "nothing may be mounted here"))
    func readOnlyDisk() async throws {
        let directory = try TemporaryDirectory("confined")
        let disk = try MountNamespace(directory.entry("disk"), byteCount: 8 << 20)
        let store = disk.folder + "/store"
        let server = try #require(try await ServedStore.start(store, program: disk.prefix))
        let (stored, _) = await fill(server, on: "02-05", most: 3)
        #expect(await server.stop() == 0)
        #expect(try await disk.run("mount", ["-o", "remount,ro", disk.folder]).status == 0)
        let refused = try await disk.run(program, ["--data", store, "--listen", "127.0.0.1:0"])
        #expect(refused.status == 1)
        #expect(refused.output.contains(store) && refused.output.contains("mounted read-only"), "\(refused.output)")
        #expect(try await disk.run("mount", ["-o", "remount,rw", disk.folder]).status == 0)
        let next = try #require(try await ServedStore.start(store, program: disk.prefix))
        await expectThere(stored, next)
        #expect(await next.stop() == 0)
        try disk.end()
    }

    @Test("refuses writes beyond the largest size of a file, and goes on with other shards")
    func fileSize() async throws {
        let directory = try TemporaryDirectory("confined")
        let store = directory.entry("store")
        let server = try #require(try await ServedStore.start(store, program: ["prlimit", "--fsize=2000000"]))
        let (stored, refusal) = await fill(server, on: "02-05", most: 40)
        #expect(refusal?.code == .resourceExhausted)
        #expect(refusal?.reason == "STORE_FULL")
        let (others, _) = await fill(server, on: "03-05", most: 3)
        #expect(stored.count > 5 && others.count == 3)
        await expectThere(stored + others, server)
        #expect(await server.stop() == 0)
        let next = try #require(try await ServedStore.start(store))
        await expectThere(stored + others, next)
        let (more, _) = await fill(next, on: "02-06", most: 2)
        #expect(more.count == 2)
        #expect(await next.stop() == 0)
        let check = try await Subprocess.run(program, ["check", store])
        #expect(check.status == 0, "\(check.output)")
    }

    @Test("serves more shards than it may open at once when descriptors are few")
    func descriptors() async throws {
        let directory = try TemporaryDirectory("confined")
        let store = directory.entry("store")
        let limits = ["prlimit", "--nofile=64:64"]
        let server = try #require(try await ServedStore.start(store, program: limits))
        var stored: [Article] = []
        for year in 2014..<2018 {
            for month in 1...12 {
                let time = "\(year)-\(month < 10 ? "0" : "")\(month)-05T04:00:00Z"
                stored.append(try await server.create("title of \(time)", at: time))
            }
        }
        await expectThere(stored, server)
        #expect(await server.list()?.names.count == 48)
        #expect(await server.stop() == 0)
        let next = try #require(try await ServedStore.start(store, program: limits))
        #expect(await next.list()?.names == stored.map(\.name).reversed())
        #expect(await next.stop() == 0)
    }
}

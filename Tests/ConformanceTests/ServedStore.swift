import Foundation
import NewsClient
import NewsMessages

/// A `newsrpc-server` over a store that is there already: one that may end by itself.
struct ServedStore: Sendable {
    let client: RPCClient
    let log: URL
    private let process: Process

    /// Whether the server is one that a sanitizer watches: it takes every fault for its own.
    static let isSanitized = ProcessInfo.processInfo.environment["NEWSRPC_TEST_SANITIZER"] != nil

    /// - Parameters:
    ///   - program: put before the server, with its own arguments.
    ///   - arguments: further ones of the server.
    /// - Returns: `nil` when the server ends before it is ready.
    static func start(
        _ store: String, program: [String] = [], arguments: [String] = [], environment: [String: String] = [:]
    ) async throws -> ServedStore? {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try launch(store, program, arguments, environment) })
            }
        }
    }

    private static func launch(
        _ store: String, _ program: [String], _ arguments: [String], _ environment: [String: String]
    ) throws -> ServedStore? {
        let process = Process()
        let words =
            program + [
                Places.programs.appending(path: "newsrpc-server").path, "--data", store, "--listen", "127.0.0.1:0",
                "--threads", "1", "--time-zone", "Asia/Shanghai",
            ] + arguments
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let log = URL(filePath: store + ".log")
        try Data().write(to: log)
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
        var line = Data()
        while !line.contains(UInt8(ascii: "\n")) {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            line += more
        }
        let parts = String(decoding: line, as: UTF8.self).components(separatedBy: " listening on ")
        guard parts.count == 2, let address = parts[1].split(separator: ",").first else {
            process.waitUntilExit()
            return nil
        }
        var configuration = RPCClient.Configuration(target: String(address))
        configuration.retryPolicy = nil
        return ServedStore(client: try RPCClient(configuration), log: log, process: process)
    }

    /// How it ended: an exit status, or the number of a signal, negated.
    func ended() async -> Int32 {
        await client.close()
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                process.waitUntilExit()
                let isSignal = process.terminationReason == .uncaughtSignal
                continuation.resume(returning: isSignal ? -process.terminationStatus : process.terminationStatus)
            }
        }
    }

    func stop() async -> Int32 {
        process.terminate()
        return await ended()
    }

    func kill() async {
        Foundation.kill(process.processIdentifier, SIGKILL)
        _ = await ended()
    }

    /// What it logged; all of it only after its end, for a thread of its own writes it.
    var text: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    // MARK: What is asked of it

    /// Puts an article on a day of 2026, "02-15".
    func create(
        _ title: String, on day: String, id: String = "", body: String = ""
    ) async throws(RPCError) -> Article {
        try await create(title, at: "2026-\(day)T04:00:00Z", id: id, body: body)
    }

    /// Puts an article at a time such as 2026-02-15T04:00:00Z.
    func create(
        _ title: String, at time: String, id: String = "", body: String = ""
    ) async throws(RPCError) -> Article {
        var request = CreateArticleRequest()
        var article = Article()
        article.title = title
        article.body = body.isEmpty ? "text of \(title)" : body
        article.publishTime = Timestamp()
        article.publishTime?.seconds =
            (try? Date(time, strategy: .iso8601)).map { Int64($0.timeIntervalSince1970) } ?? 0
        request.article = article
        request.articleId = id
        return try await client.createArticle(request)
    }

    /// What a call gave: an article, or the code that it failed with.
    enum Answer: Equatable, Sendable {
        case article(Article)
        case failed(String)
    }

    func get(_ name: String) async -> Answer {
        var request = GetArticleRequest()
        request.name = name
        do { return .article(try await client.getArticle(request)) } catch { return .failed(error.code.name) }
    }

    /// Every row, and what could not be reached; `nil` when the server ended.
    func list() async -> (names: [String], unreachable: [String])? {
        var request = ListArticlesRequest()
        request.pageSize = 100
        var (names, unreachable): ([String], [String]) = ([], [])
        for _ in 0..<100 {
            guard let page = try? await client.listArticles(request) else { return nil }
            names += page.articles.map(\.name)
            unreachable += page.unreachable
            request.pageToken = page.nextPageToken
            if request.pageToken.isEmpty { break }
        }
        return (names, unreachable)
    }

    func isServing(_ service: String) async -> Bool? {
        var request = HealthCheckRequest()
        request.service = service
        return (try? await client.healthCheck(request)).map { $0.status == .serving }
    }
}

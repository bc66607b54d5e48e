import Bytes
import NewsClient
import NewsMessages
import TestKit
import Testing

@Suite("Generated calls", .timeLimit(.minutes(5 * Patience.factor))) struct GeneratedCallTests {
    /// Answers a request with what `answer` makes of its path and message.
    private func script(_ answer: @escaping @Sendable (String, [UInt8]) -> [UInt8]) -> Peer.Script {
        { connection, slot, moment in
            guard moment == .ended, let path = connection.field(slot, ":path") else { return }
            connection.reply(slot, answer(path, Array(connection.streams[slot]?.body.dropFirst(5) ?? [])))
        }
    }

    @Test("the example of the documentation lists articles")
    func example() async throws {
        let server = script { path, message in
            guard path == "/news.v1.NewsService/ListArticles",
                let request = try? ListArticlesRequest(decoding: message.span)
            else { return [] }
            var article = Article()
            article.title = "since \(request.since)"
            var response = ListArticlesResponse()
            response.articles = [article]
            return response.encoded()
        }
        try await withPeer(server) { _, client in
            var request = ListArticlesRequest()
            request.since = "2026-02"
            let page = try await client.listArticles(request)
            #expect(page.articles.map(\.title) == ["since 2026-02"])
        }
    }

    @Test("a unary call of another service goes to its path")
    func health() async throws {
        let server = script { path, _ in
            var response = HealthCheckResponse()
            if path == "/grpc.health.v1.Health/Check" { response.status = .serving }
            return response.encoded()
        }
        try await withPeer(server) { _, client in
            let response = try await client.healthCheck(HealthCheckRequest())
            #expect(response.status == .serving)
        }
    }

    @Test("a server-streaming call gives its answers in order")
    func watch() async throws {
        let server: Peer.Script = { connection, slot, moment in
            guard moment == .ended else { return }
            connection.begin(slot)
            for status in [HealthCheckResponse.ServingStatus.notServing, .serving] {
                var response = HealthCheckResponse()
                response.status = status
                connection.send(slot, response.encoded())
            }
            connection.finish(slot)
        }
        try await withPeer(server) { _, client in
            let stream = client.healthWatch(HealthCheckRequest())
            var statuses: [HealthCheckResponse.ServingStatus] = []
            while let response = try await stream.next() { statuses.append(response.status) }
            #expect(statuses == [.notServing, .serving])
        }
    }

    @Test("an import sends and receives side by side")
    func importing() async throws {
        let server: Peer.Script = { connection, slot, moment in
            switch moment {
            case .opened: connection.begin(slot)
            case .data:
                // Whole messages shorter than 256 bytes, as many as there are.
                while let body = connection.streams[slot]?.body, body.count >= 5, body.count >= 5 + Int(body[4]) {
                    let message = Array(body[5..<(5 + Int(body[4]))])
                    connection.streams[slot]?.body.removeFirst(5 + message.count)
                    guard let request = try? ImportArticlesRequest(decoding: message.span) else { continue }
                    var response = ImportArticlesResponse()
                    response.sequence = request.sequence
                    connection.send(slot, response.encoded())
                }
            case .ended: connection.finish(slot)
            }
        }
        try await withPeer(server) { _, client in
            let call = client.importArticles()
            async let sent: Void = {
                for sequence in 1...500 {
                    var request = ImportArticlesRequest()
                    request.sequence = Int64(sequence)
                    try await call.send(request)
                }
                call.finish()
            }()
            var sequences: [Int64] = []
            while let response = try await call.next() { sequences.append(response.sequence) }
            try await sent
            #expect(sequences == (1...500).map(Int64.init))
        }
    }
}

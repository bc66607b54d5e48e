import Bytes
import EventLoops
import NewsClient
import NewsServer
import TestKit
import Testing
import Threads

/// What comes back for bytes that are not HTTP/2.
private final class Caller: TransportHandler {
    private let heard: Monitor<(bytes: [UInt8], isClosed: Bool)>
    private var pieces: [[UInt8]]

    init(_ heard: Monitor<(bytes: [UInt8], isClosed: Bool)>, says pieces: [[UInt8]]) {
        self.heard = heard
        self.pieces = pieces
    }

    func received(_ bytes: Span<UInt8>) -> Bool {
        let copy = [UInt8](copying: bytes)
        heard.broadcast { $0.bytes += copy }
        return true
    }

    func produce(into output: ByteArena, limit: Int) -> Production {
        if !pieces.isEmpty { output.append(pieces.removeFirst()) }
        return pieces.isEmpty ? .drained : .more
    }

    func closed(_ reason: CloseReason) { heard.broadcast { $0.isClosed = true } }
}

/// Connects, says `pieces`, and returns what the server sent before it closed.
func answer(of server: CallServer, to pieces: [[UInt8]]) async throws -> [UInt8] {
    let thread = try LoopThread(name: "caller")
    let heard = Monitor<(bytes: [UInt8], isClosed: Bool)>(([], false))
    let address = server.addresses[0]
    thread.post { loop in
        loop.connect(to: address, timeout: .seconds(30)) { result in
            guard case .success(let transport) = result else { return heard.broadcast { $0.isClosed = true } }
            transport.start(Caller(heard, says: pieces))
        }
    }
    return await blocking {
        defer { thread.stop() }
        return heard.wait { $0.isClosed ? $0.bytes : nil }
    }
}

private let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
private let get = Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
private let clientHello: [UInt8] = [22, 3, 1, 0, 4, 1, 0, 0, 0]

@Suite("Calls at the wrong port") struct WrongPortTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test("E19: HTTP/1.1 is told that this is a gRPC server, and hears nothing before", arguments: [1, 2, 100])
    func http1(cut: Int) async throws {
        let setup = try EchoSetup()
        let answer = try await answer(of: setup.server, to: [Array(get.prefix(cut)), Array(get.dropFirst(cut))])
        #expect(text(answer).hasPrefix("HTTP/1.1 505 HTTP Version Not Supported\r\n"))
        #expect(text(answer).contains("gRPC server"))
        await setup.end()
    }

    @Test("E19: a POST of HTTP/1.1 is told apart from HTTP/2, although both begin with a P", arguments: [1, 4])
    func post(cut: Int) async throws {
        let setup = try EchoSetup()
        let request = Array("POST /news.v1.NewsService/GetArticle HTTP/1.1\r\n\r\n".utf8)
        let answer = try await answer(
            of: setup.server, to: [Array(request.prefix(cut)), Array(request.dropFirst(cut))])
        #expect(text(answer).hasPrefix("HTTP/1.1 505"))
        await setup.end()
    }

    @Test("E19: a ClientHello is told that there is no TLS")
    func tls() async throws {
        let setup = try EchoSetup()
        let answer = text(try await answer(of: setup.server, to: [clientHello]))
        #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        #expect(answer.hasSuffix("This port does not speak TLS: call it without.\n"))
        await setup.end()
    }

    @Test("E19: the server answers others after it was called by what is no HTTP/2 at all")
    func garbage() async throws {
        let setup = try EchoSetup()
        #expect(try await answer(of: setup.server, to: [[0x80, 0x2E, 1, 3]]).isEmpty)
        #expect(try await setup.call(.say, [7]) == [7])
        await setup.end()
    }

    @Test("E19: HTTP of either version is told that a port needs TLS", arguments: [get, preface])
    func httpWithTLS(request: [UInt8]) async throws {
        let setup = try await TLSSetup()
        let answer = text(try await answer(of: setup.server, to: [request]))
        #expect(answer.hasPrefix("HTTP/1.1 400 This port needs TLS\r\n"))
        #expect(answer.hasSuffix("this port needs TLS.\n"))
        await setup.end()
    }
}

import Bytes
import EventLoops
import TLS
import TLSTransport
import TestKit
import Testing
import Threads

@Suite("TLS on a socket") struct TLSHandlerTests {
    private func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8) } }

    @Test("what is said comes back, whatever its length", arguments: [1, 16_384, 3_000_000])
    func echo(count: Int) async throws {
        let setup = try Setup(try await TestCertificates.shared)
        let words = bytes(count)
        let (log, _) = try await blocking { try setup.connect(says: words) }
        let heard = try await blocking { log.wait { $0.received.count >= count } }
        #expect(heard.received == words)
        #expect(heard.identity?.commonName == "first.test")
        setup.thread.stop()
    }

    @Test("the server learns who a client is before its first byte")
    func identity() async throws {
        let certificates = try await TestCertificates.shared
        let setup = try Setup(certificates) { server in
            server.clientCertificates = .require
            server.clientAuthorities = try certificates.file("ca.pem")
        }
        _ = try await blocking {
            try setup.connect(says: [1]) { client in
                client.certificate = try certificates.file("client.pem")
                client.key = try certificates.file("client.key")
            }
        }
        let heard = try await blocking { setup.atServer.wait { !$0.received.isEmpty } }
        #expect(heard.identity?.uris == ["spiffe://example.test/importer"])
        setup.thread.stop()
    }

    @Test("a client that is refused learns why, and so does the server's log")
    func refused() async throws {
        let certificates = try await TestCertificates.shared
        let setup = try Setup(certificates) { server in
            server.clientCertificates = .require
            server.clientAuthorities = try certificates.file("ca.pem")
        }
        let (log, _) = try await blocking { try setup.connect(says: [1]) }
        let client = try await blocking { log.wait { $0.reason != nil } }
        #expect(client.reason == .error(TLSFailure.alert(116).text(calling: "the server")))
        let server = try await blocking { setup.atServer.wait { $0.reason != nil } }
        #expect(server.fault == "TLS failed: peer did not return a certificate")
        setup.thread.stop()
    }

    @Test("close_notify and the end of the socket reach both handlers as an orderly end")
    func closing() async throws {
        let setup = try Setup(try await TestCertificates.shared)
        let (log, _) = try await blocking { try setup.connect(says: [1, 2, 3], finishesAfterSaying: true) }
        let server = try await blocking { setup.atServer.wait { $0.reason != nil } }
        #expect(server.isPeerFinished)
        #expect(server.received == [1, 2, 3])
        #expect(server.reason == .peer || server.reason == .local)
        #expect(server.fault == nil)
        let client = try await blocking { log.wait { $0.reason != nil } }
        #expect(client.reason == .local || client.reason == .peer)
        setup.thread.stop()
    }

    @Test("E19: a peer without TLS is answered in its own words", arguments: ["GET / HTTP/1.1\r\n", "PRI * HTTP/2.0"])
    func plaintext(words: String) async throws {
        let setup = try Setup(try await TestCertificates.shared)
        let (log, _) = try await blocking { try setup.connect { PlainTalker($0, says: Array(words.utf8)) } }
        let client = try await blocking { log.wait { $0.reason != nil } }
        let kind = words.hasPrefix("GET") ? "http1" : "http2"
        #expect(String(decoding: client.received, as: UTF8.self) == "not TLS: \(kind)")
        let server = try await blocking { setup.atServer.wait { $0.reason != nil } }
        #expect(server.fault?.hasSuffix("where TLS is needed") == true)
        setup.thread.stop()
    }

    @Test("a server that does not speak TLS is named as such")
    func plainServer() async throws {
        let certificates = try await TestCertificates.shared
        let setup = try Setup(certificates)
        let thread = try LoopThread(name: "plain")
        let listening = thread.call { loop in
            Result {
                try loop.listen(on: .ipv4(.loopback, port: 0), reusePort: false) { _ in
                    PlainTalker(SharedLog(Log()), says: [0, 0, 0, 4, 0, 0, 0, 0, 0])
                }
            }
        }
        let address = try #require(listening).get()
        var settings = TLSClientSettings()
        settings.authorities = try certificates.file("ca.pem")
        let session = try TLSContext(client: settings)
        let log = SharedLog(Log())
        thread.post { loop in
            loop.connect(to: address, timeout: .seconds(30)) { result in
                guard case .success(let transport) = result else { return }
                transport.start(
                    TLSHandler(TLSSession(session, server: "localhost"), Talker(log), scratch: ByteArena()))
            }
        }
        let client = try await blocking { log.wait { $0.reason != nil } }
        #expect(client.reason == .error("the server does not speak TLS"))
        thread.stop()
        setup.thread.stop()
    }

    @Test("E12: a handshake that is not finished in time ends the connection")
    func stalled() async throws {
        let certificates = try await TestCertificates.shared
        let setup = try Setup(certificates, handshakeTimeout: .milliseconds(20))
        let (log, _) = try await blocking { try setup.connect { PlainTalker($0, says: [22, 3, 1]) } }
        _ = try await blocking { log.wait { $0.reason != nil } }
        let server = try await blocking { setup.atServer.wait { $0.reason != nil } }
        #expect(server.reason == .handshakeTimeout)
        #expect(!server.isSecured)
        setup.thread.stop()
    }

    @Test("a peer that does not read is cut off, and the server keeps no more than it was asked for")
    func writeStall() async throws {
        var configuration = EventLoop.Configuration()
        configuration.writeStallTimeout = .milliseconds(50)
        let certificates = try await TestCertificates.shared
        // More than the buffers of two sockets hold.
        let setup = try Setup(
            certificates, configuration: configuration,
            handler: { log in Talker(log, says: [UInt8](repeating: 7, count: 64 << 20)) })
        var settings = TLSClientSettings()
        settings.authorities = try certificates.file("ca.pem")
        let context = try TLSContext(client: settings)
        let (clients, gate) = (try LoopThread(name: "clients"), WaitFlag())
        _ = try await blocking {
            try setup.connect(on: clients) { log in
                TLSHandler(
                    TLSSession(context, server: "localhost"), StubbornReader(gate), scratch: ByteArena())
            }
        }
        let server = try await blocking { setup.atServer.wait { $0.reason != nil } }
        #expect(server.reason == .writeStalled)
        gate.raise()
        clients.stop()
        setup.thread.stop()
    }
}

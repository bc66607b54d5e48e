import Bytes
import COpenSSL
import TestKit
import Testing

@testable import TLS

@Suite("TLS sessions") struct TLSSessionTests {
    @Test("client and server agree on each version", arguments: [TLSVersion.v1_2, .v1_3])
    func versions(version: TLSVersion) async throws {
        let pair = try await TestCertificates.shared.pair { client, _ in client.versions = version...version }
        #expect(pair.run() == (.open, .open))
        #expect(pair.client.isEstablished && pair.server.isEstablished)
        #expect(pair.client.version == version)
        #expect(pair.server.version == version)
    }

    @Test("the newest version is taken when nothing is said")
    func newest() async throws {
        let pair = try await TestCertificates.shared.pair()
        pair.run()
        #expect(pair.client.version == .v1_3)
    }

    @Test("TLS 1.1 is refused with the alert protocol_version")
    func oldVersion() async throws {
        let pair = try await TestCertificates.shared.pair()
        let outcome = pair.receive(clientHello(version: [3, 2], protocols: ["h2"]), at: pair.server)
        #expect(outcome == .failed(.other("unsupported protocol")))
        #expect(alert(in: pair.records(of: pair.server)) == 70)
    }

    @Test(
        "a client that does not offer h2 is refused with the alert no_application_protocol",
        arguments: [nil, ["http/1.1"], ["h2c", "hq", "spdy/3.1"]])
    func otherProtocols(protocols: [String]?) async throws {
        let pair = try await TestCertificates.shared.pair()
        let outcome = pair.receive(clientHello(protocols: protocols), at: pair.server)
        guard case .failed = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(alert(in: pair.records(of: pair.server)) == 120)
    }

    @Test("h2 is found wherever it stands in the client's list", arguments: [["h2"], ["http/1.1", "h2"]])
    func offered(protocols: [String]) async throws {
        let pair = try await TestCertificates.shared.pair()
        #expect(pair.receive(clientHello(protocols: protocols), at: pair.server) == .open)
        #expect(pair.records(of: pair.server).first == 22)
    }

    @Test("plaintext of any size goes both ways whole", arguments: [1, 16_384, 16_385, 300_000])
    func plaintext(count: Int) async throws {
        let pair = try await TestCertificates.shared.pair()
        pair.run()
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        pair.receive(pair.send(bytes, from: pair.client), at: pair.server) { pair.atServer += $0 }
        #expect(pair.atServer == bytes)
        pair.receive(pair.send(bytes, from: pair.server), 4096, at: pair.client) { pair.atClient += $0 }
        #expect(pair.atClient == bytes)
    }

    @Test("records may be cut at every byte", arguments: [TLSVersion.v1_2, .v1_3])
    func cuts(version: TLSVersion) async throws {
        let pair = try await TestCertificates.shared.pair { client, _ in client.versions = version...version }
        #expect(pair.run(pieces: 1) == (.open, .open))
        let bytes = [UInt8](repeating: 9, count: 40)
        let records = pair.send(bytes, from: pair.client)
        pair.receive(records, 1, at: pair.server) { pair.atServer += $0 }
        #expect(pair.atServer == bytes)
    }

    @Test("a flight of the handshake may be cut in two anywhere")
    func twoPieces() async throws {
        let certificates = try await TestCertificates.shared
        let context = try TLSContext(server: try certificates.serverSettings())
        let client = try TLSContext(client: try certificates.clientSettings())
        let first = SessionPair(client: TLSSession(client, server: "localhost"), server: TLSSession(context))
        let hello = first.records(of: first.client)
        for cut in 1..<hello.count {
            let pair = SessionPair(client: first.client, server: TLSSession(context))
            #expect(pair.receive(Array(hello[..<cut]), at: pair.server) == .open)
            #expect(pair.records(of: pair.server).isEmpty, "after \(cut) bytes")
            #expect(pair.receive(Array(hello[cut...]), at: pair.server) == .open)
            #expect(pair.records(of: pair.server).first == 22, "after \(cut) bytes")
        }
    }

    @Test("a peer that wants no more plaintext stops the session there")
    func stops() async throws {
        let pair = try await TestCertificates.shared.pair()
        pair.run()
        let records = pair.send([1], from: pair.client) + pair.send([2], from: pair.client)
        let scratch = ByteArena()
        var taken: [UInt8] = []
        let outcome = pair.server.receive(records.span, scratch: scratch) { bytes in
            taken.append(bytes[0])
            return false
        }
        #expect(outcome == .stopped)
        #expect(taken == [1])
    }

    @Test("close_notify tells that the peer has finished, and the other side may still talk")
    func closing() async throws {
        let pair = try await TestCertificates.shared.pair()
        pair.run()
        let last = pair.send([1], from: pair.client) + pair.finish(pair.client)
        #expect(pair.receive(last, at: pair.server) { pair.atServer += $0 } == .peerFinished)
        #expect(pair.atServer == [1])
        pair.receive(pair.send([2], from: pair.server), at: pair.client) { pair.atClient += $0 }
        #expect(pair.atClient == [2])
    }

    @Test("a changed byte ends its session, and no other of the thread", arguments: [5, 20])
    func corruption(offset: Int) async throws {
        let certificates = try await TestCertificates.shared
        let (broken, whole) = (try certificates.pair(), try certificates.pair())
        broken.run()
        whole.run()
        var records = broken.send([UInt8](repeating: 1, count: 32), from: broken.client)
        records[offset] ^= 1
        #expect(broken.receive(records, at: broken.server) == .failed(.other("decryption failed or bad record mac")))
        #expect(broken.receive([0], at: broken.server) == .failed(.other("decryption failed or bad record mac")))
        #expect(broken.send([1], from: broken.server).isEmpty)
        #expect(whole.receive(whole.send([5], from: whole.client), at: whole.server) { whole.atServer += $0 } == .open)
        #expect(whole.atServer == [5])
    }

    @Test("E5: a peer that changes its keys again and again is cut off, one that does so now and then is not")
    func keyUpdates() async throws {
        let pair = try await TestCertificates.shared.pair()
        pair.run()
        func newKeys(_ count: Int) -> [UInt8] {
            var records: [UInt8] = []
            for _ in 0..<count {
                // Asks for new keys of the other side too; the record leaves with the next call.
                unsafe SSL_key_update(pair.client.handle, SSL_KEY_UPDATE_REQUESTED)
                unsafe SSL_do_handshake(pair.client.handle)
                records += pair.records(of: pair.client)
            }
            return records
        }
        for _ in 0..<10 {
            let records = newKeys(10) + pair.send([1], from: pair.client)
            #expect(pair.receive(records, at: pair.server) { pair.atServer += $0 } == .open)
        }
        #expect(pair.atServer.count == 10)
        let outcome = pair.receive(newKeys(100), at: pair.server)
        #expect(outcome == .failed(.other("too many records without data")))
        #expect(pair.records(of: pair.server).count < 4096)
    }

    @Test("bytes that are no TLS are known as such", arguments: [Array("HTTP/1.1 400".utf8), [0, 0, 0, 4], [0x80]])
    func notTLS(bytes: [UInt8]) async throws {
        let pair = try await TestCertificates.shared.pair()
        #expect(pair.receive(bytes, at: pair.client) == .failed(.notTLS))
        #expect(pair.receive(bytes, at: pair.server) == .failed(.notTLS))
    }

    @Test("random records never do more than end their session")
    func garbage() async throws {
        let context = try TLSContext(server: try await TestCertificates.shared.serverSettings())
        let client = try TLSContext(client: try await TestCertificates.shared.clientSettings())
        var random = SeededGenerator.forTest("TLS garbage")
        for _ in 0..<200 {
            let pair = SessionPair(client: TLSSession(client, server: "localhost"), server: TLSSession(context))
            var hello = pair.records(of: pair.client)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                hello[Int.random(in: 0..<hello.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
            }
            pair.receive(hello + random.bytes(64), 50, at: pair.server)
            #expect(!pair.server.isEstablished)
        }
    }
}

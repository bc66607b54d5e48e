import TLS
import TestKit
import Testing

@Suite("Certificates of servers") struct ServerCertificateTests {
    @Test(
        "a server is known by each of its names",
        arguments: [
            ("server", "localhost"), ("server", "127.0.0.1"), ("server", "::1"), ("chained", "localhost"),
            ("elsewhere", "news.example.com"), ("elsewhere", "any.wild.example"), ("elsewhere", "192.0.2.1"),
        ])
    func names(server: String, name: String) async throws {
        let pair = try await TestCertificates.shared.pair(to: name, server: server)
        #expect(pair.run() == (.open, .open))
        #expect(pair.client.isEstablished)
    }

    @Test(
        "a server is refused under a name that is not its own, and the error tells its names",
        arguments: ["localhost", "127.0.0.1", "a.b.wild.example", "wild.example", "example.com", "192.0.2.10"])
    func wrongName(name: String) async throws {
        let pair = try await TestCertificates.shared.pair(to: name, server: "elsewhere")
        let fault = CertificateFault(
            reason: .wrongName(wanted: name, names: ["news.example.com", "*.wild.example", "192.0.2.1"]),
            subject: "CN=elsewhere.test")
        #expect(pair.run().client == .failed(.certificateRefused(fault)))
        let text = "the certificate of CN=elsewhere.test is for news.example.com, *.wild.example, 192.0.2.1, "
        #expect(fault.description == text + "not for \"\(name)\"")
    }

    @Test("a server of an unknown authority is refused, and hears why", arguments: [TLSVersion.v1_2, .v1_3])
    func unknownAuthority(version: TLSVersion) async throws {
        let pair = try await TestCertificates.shared.pair(server: "stranger") { client, _ in
            client.versions = version...version
        }
        let outcome = pair.run()
        let fault = CertificateFault(reason: .unknownAuthority, subject: "CN=stranger.test")
        #expect(outcome.client == .failed(.certificateRefused(fault)))
        #expect(outcome.server == .failed(.alert(48)))
    }

    @Test("a certificate that is over is refused with its last day")
    func expired() async throws {
        // A context refuses to be made of it, so the test shows one whose authority is over to a client that knows
        // another in the same file.
        let certificates = try await TestCertificates.shared
        let expired = try certificates.file("expired.pem")
        let key = try certificates.file("expired.key")
        #expect {
            try TLSContext(server: TLSServerSettings(certificate: expired, key: key))
        } throws: { error in
            guard case .expired("CN=expired.test", _, "expired.pem") = error as? TLSError else { return false }
            return true
        }
        let pair = try certificates.pair { client, _ in
            var authorities = try certificates.file("expired-ca.pem")
            authorities.bytes += try certificates.file("other-ca.pem").bytes
            client.authorities = authorities
        }
        guard case .failed(.certificateRefused(let fault)) = pair.run().client, case .expired = fault.reason else {
            Issue.record("an authority that is over was trusted")
            return
        }
        #expect(fault.subject == "CN=Test Authority")
        #expect(fault.description.hasPrefix("the certificate of CN=Test Authority expired on 20"))
    }

    @Test("a name that no certificate could have fails at once", arguments: ["", "a\u{0}b"])
    func impossibleName(name: String) async throws {
        let pair = try await TestCertificates.shared.pair(to: name)
        #expect(pair.client.failure != nil)
    }
}

@Suite("Certificates of clients") struct ClientCertificateTests {
    private func pair(
        _ mode: TLSServerSettings.ClientCertificates, _ client: String?, version: TLSVersion = .v1_3
    ) async throws -> SessionPair {
        let certificates = try await TestCertificates.shared
        return try certificates.pair(client: client) { settings, server in
            settings.versions = version...version
            server.clientCertificates = mode
            server.clientAuthorities = try certificates.file("ca.pem")
        }
    }

    @Test(
        "a client's certificate names it once it is verified",
        arguments: [TLSServerSettings.ClientCertificates.request, .require], [TLSVersion.v1_2, .v1_3])
    func identity(mode: TLSServerSettings.ClientCertificates, version: TLSVersion) async throws {
        let pair = try await pair(mode, "client", version: version)
        #expect(pair.run() == (.open, .open))
        let identity = PeerIdentity(
            commonName: "importer", dnsNames: ["importer.test"], uris: ["spiffe://example.test/importer"])
        #expect(pair.server.peerIdentity == identity)
        #expect(pair.client.peerIdentity?.commonName == "first.test")
    }

    @Test("without being asked a client shows nothing")
    func off() async throws {
        let pair = try await pair(.off, "client")
        #expect(pair.run() == (.open, .open))
        #expect(pair.server.peerIdentity == nil)
    }

    @Test("a client without a certificate goes on where one is only asked for")
    func request() async throws {
        let pair = try await pair(.request, nil)
        #expect(pair.run() == (.open, .open))
        #expect(pair.server.isEstablished)
        #expect(pair.server.peerIdentity == nil)
    }

    @Test("a client without a certificate is refused where one is required, and hears so")
    func require() async throws {
        let outcome = try await pair(.require, nil).run()
        #expect(outcome.server == .failed(.other("peer did not return a certificate")))
        #expect(outcome.client == .failed(.alert(116)))
        #expect("\(TLSFailure.alert(116))".contains("requires a certificate"))
    }

    @Test(
        "a client of an unknown authority is refused, also where none is required",
        arguments: [TLSServerSettings.ClientCertificates.request, .require])
    func stranger(mode: TLSServerSettings.ClientCertificates) async throws {
        let pair = try await pair(mode, "stray-client")
        let outcome = pair.run()
        let fault = CertificateFault(reason: .unknownAuthority, subject: "CN=stray")
        #expect(outcome.server == .failed(.certificateRefused(fault)))
        #expect(outcome.client == .failed(.alert(48)))
        #expect(pair.server.peerIdentity == nil)
    }
}

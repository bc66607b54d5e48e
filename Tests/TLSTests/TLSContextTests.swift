import TLS
import TestKit
import Testing

@Suite("Files that contexts are made of") struct TLSContextTests {
    private func error(_ body: () throws -> TLSContext) -> TLSError? {
        do {
            _ = try body()
            return nil
        } catch {
            return error as? TLSError
        }
    }

    private func server(_ certificate: TLSFile, _ key: TLSFile) -> TLSError? {
        error { try TLSContext(server: TLSServerSettings(certificate: certificate, key: key)) }
    }

    @Test("a key that belongs to another certificate is refused by both names")
    func mismatch() async throws {
        let files = try await TestCertificates.shared
        let error = try server(files.file("server.pem"), files.file("client.key"))
        #expect(error == .keyMismatch(key: "client.key", certificate: "server.pem"))
        #expect(error?.description == "client.key: is not the private key of server.pem")
    }

    @Test("an encrypted key is refused, and nobody is asked for a password")
    func encrypted() async throws {
        let files = try await TestCertificates.shared
        #expect(
            try server(files.file("server.pem"), files.file("encrypted.key")) == .encryptedKey(file: "encrypted.key"))
    }

    @Test("files without what belongs there are refused by name")
    func missing() async throws {
        let files = try await TestCertificates.shared
        let (certificate, key) = (try files.file("server.pem"), try files.file("server.key"))
        #expect(server(key, key) == .missing(kind: "certificate", file: "server.key"))
        #expect(server(certificate, certificate) == .missing(kind: "private key", file: "server.pem"))
        #expect(server(TLSFile(name: "empty", bytes: []), key) == .missing(kind: "certificate", file: "empty"))
        let garbage = TLSFile(name: "garbage", bytes: Array("no PEM \u{0} at all".utf8))
        #expect(server(certificate, garbage) == .missing(kind: "private key", file: "garbage"))
    }

    @Test("a PEM block that cannot be read is refused with OpenSSL's reason")
    func broken() async throws {
        let files = try await TestCertificates.shared
        var certificate = try files.file("server.pem")
        certificate.bytes.removeSubrange(100..<108)
        guard
            case .unusable("certificate", "server.pem", let reason) = try server(certificate, files.file("server.key"))
        else {
            Issue.record("a broken certificate was taken")
            return
        }
        #expect(!reason.isEmpty && reason != "no reason given")
        var key = try files.file("server.key")
        key.bytes.removeSubrange(60..<68)
        guard case .unusable("private key", "server.key", _) = try server(files.file("server.pem"), key) else {
            Issue.record("a broken key was taken")
            return
        }
    }

    @Test("authorities that are all over are refused with the last day of the first")
    func expiredAuthority() async throws {
        let files = try await TestCertificates.shared
        var settings = try files.serverSettings()
        settings.clientCertificates = .require
        settings.clientAuthorities = try files.file("expired-ca.pem")
        let error = error { try TLSContext(server: settings) }
        guard case .expired("CN=Test Authority", _, "expired-ca.pem") = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("client certificates cannot be asked for without an authority that signs them")
    func noAuthority() async throws {
        var settings = try await TestCertificates.shared.serverSettings()
        settings.clientCertificates = .request
        #expect(
            error { try TLSContext(server: settings) }
                == .refused(setting: "client certificates", reason: "no authorities are named that sign them"))
    }

    @Test("what fails leaves nothing behind for the session that comes next")
    func errorQueue() async throws {
        let files = try await TestCertificates.shared
        for name in ["garbage", "encrypted.key", "client.key"] {
            let key = (try? files.file(name)) ?? TLSFile(name: name, bytes: [1, 2, 3])
            #expect(try server(files.file("server.pem"), key) != nil)
            let pair = try files.pair()
            #expect(pair.run() == (.open, .open))
        }
    }

    @Test("one context serves sessions of many threads at once")
    func threads() async throws {
        let files = try await TestCertificates.shared
        let server = try TLSContext(server: try files.serverSettings())
        let client = try TLSContext(client: try files.clientSettings())
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    (0..<20).allSatisfy { _ in
                        let pair = SessionPair(
                            client: TLSSession(client, server: "localhost"), server: TLSSession(server))
                        return pair.run() == (.open, .open) && pair.server.isEstablished
                    }
                }
            }
            for await isGood in group { #expect(isGood) }
        }
    }
}

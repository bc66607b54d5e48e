import Files
import NewsServer
import TLS
import TestKit
import Testing

@Suite("Certificates that are replaced") struct TLSCertificatesTests {
    private struct Place {
        let folder: TemporaryDirectory
        let shared: TestCertificates
        var files: TLSServerFiles {
            TLSServerFiles(certificate: folder.entry("server.pem"), key: folder.entry("server.key"))
        }

        init() async throws {
            folder = try TemporaryDirectory("certificates")
            shared = try await TestCertificates.shared
            try put("server")
        }

        func put(_ name: String, key: String? = nil) throws {
            try copy("\(name).pem", to: "server.pem")
            try copy("\(key ?? name).key", to: "server.key")
        }

        func copy(_ name: String, to target: String) throws {
            try FileSystem.writeAtomically(folder.entry(target), try FileSystem.read(shared.path(name)))
        }
    }

    @Test("files that have not changed are left alone")
    func unchanged() async throws {
        let place = try await Place()
        let certificates = try TLSCertificates(place.files)
        let before = certificates.current
        #expect(certificates.refresh(always: false) == .unchanged)
        #expect(certificates.current === before)
        #expect(certificates.refresh(always: true) == .replaced)
        #expect(certificates.current !== before)
    }

    @Test("new files are taken once they are seen")
    func replaced() async throws {
        let place = try await Place()
        let certificates = try TLSCertificates(place.files)
        let before = certificates.current
        try place.put("replacement")
        #expect(certificates.refresh(always: false) == .replaced)
        #expect(certificates.current !== before)
        #expect(certificates.refresh(always: false) == .unchanged)
    }

    @Test("a broken file is refused once, by name, and the certificate before it stays")
    func broken() async throws {
        let place = try await Place()
        let certificates = try TLSCertificates(place.files)
        let before = certificates.current
        try place.put("replacement", key: "server")
        let mismatch = TLSError.keyMismatch(
            key: place.folder.entry("server.key"), certificate: place.folder.entry("server.pem"))
        #expect(certificates.refresh(always: false) == .refused(.content(mismatch)))
        #expect(certificates.current === before)
        #expect(certificates.refresh(always: false) == .unchanged)
        try FileSystem.remove(place.folder.entry("server.key"))
        guard case .refused(.file(let error)) = certificates.refresh(always: false) else {
            Issue.record("a file that is gone was not noticed")
            return
        }
        #expect(error.description.contains("server.key"))
        #expect(certificates.current === before)
        try place.copy("replacement.key", to: "server.key")
        #expect(certificates.refresh(always: false) == .replaced)
    }

    @Test("a server without its files does not start")
    func absent() async throws {
        let place = try await Place()
        try FileSystem.remove(place.folder.entry("server.pem"))
        #expect(throws: TLSFilesError.self) { try TLSCertificates(place.files) }
    }
}

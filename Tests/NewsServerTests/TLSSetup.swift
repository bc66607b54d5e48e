import EventLoops
import NewsClient
import NewsServer
import TLS
import TestKit
import Threads

/// An echo server with TLS on a free port, and its files in a folder of their own.
struct TLSSetup {
    let log = EchoLog()
    let server: CallServer
    let certificates: TLSCertificates
    let shared: TestCertificates

    init(
        settings: ServerSettings = ServerSettings(), change: (inout TLSServerFiles) -> Void = { _ in }
    ) async throws {
        shared = try await TestCertificates.shared
        var files = TLSServerFiles(certificate: shared.path("server.pem"), key: shared.path("server.key"))
        change(&files)
        certificates = try TLSCertificates(files)
        var configuration = CallServer.Configuration(
            addresses: [try SocketAddress(parsing: "127.0.0.1:0")], routing: Echo.routing)
        configuration.loopCount = 1
        configuration.settings = settings
        configuration.certificates = certificates
        server = try CallServer(configuration) { [log] _ in EchoDispatcher(log) }
    }

    func end() async { await blocking { [server] in server.stop() } }
}

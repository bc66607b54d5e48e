import EventLoops
import Files
import NewsClient
import NewsServer
import ServerLog
import TLS
import TestKit
import Testing
import Threads

extension TLSSetup {
    func client(_ change: (inout RPCClient.Configuration, inout ClientTLS) -> Void = { _, _ in }) throws -> RPCClient {
        var configuration = patient(target: "\(server.addresses[0])")
        var tls = ClientTLS()
        tls.authoritiesFile = shared.path("ca.pem")
        change(&configuration, &tls)
        configuration.tls = tls
        return try RPCClient(configuration)
    }

    /// The error of one call, by a client that is closed after it.
    func failure(
        _ change: (inout RPCClient.Configuration, inout ClientTLS) -> Void = { _, _ in }
    ) async throws -> RPCError? {
        let client = try client(change)
        let error = await NewsServerTests.failure { try await client.say([1]) }
        await client.close()
        return error
    }
}

extension RPCClient {
    func say(_ message: [UInt8]) async throws(RPCError) -> [UInt8] {
        try await unary(Echo.say.method, message: message, options: CallOptions())
    }
}

@Suite("A server with TLS") struct TLSServerTests {
    @Test("calls go through TLS as without it, also large ones", arguments: [0, 1, 16_384, 3_000_000])
    func calls(count: Int) async throws {
        let setup = try await TLSSetup()
        let client = try setup.client()
        let message = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(try await client.say(message) == message)
        let later = try await client.unary(Echo.later.method, message: message, options: CallOptions())
        #expect(later == message)
        await client.close()
        await setup.end()
    }

    @Test("many calls at once share a connection with TLS")
    func concurrent() async throws {
        let setup = try await TLSSetup()
        let client = try setup.client()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<200 {
                group.addTask {
                    let message = [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: index * 97)
                    return try await client.say(message) == message
                }
            }
            for try await isSame in group { #expect(isSame) }
        }
        await client.close()
        await setup.end()
    }

    @Test("messages are streamed both ways")
    func streams() async throws {
        let setup = try await TLSSetup()
        let client = try setup.client()
        let call = client.open(Echo.chat.method, message: nil, options: CallOptions())
        for index in 0..<50 {
            let message = [UInt8](repeating: UInt8(index), count: 20_000)
            try await call.send(message)
            #expect(try await call.next() == message)
        }
        call.finish()
        #expect(try await call.next() == nil)
        await client.close()
        await setup.end()
    }

    @Test("a certificate is replaced under a running call: the call goes on, and new connections get the new one")
    func replaced() async throws {
        let folder = try TemporaryDirectory("reload")
        let shared = try await TestCertificates.shared
        func put(_ name: String) throws {
            for kind in ["pem", "key"] {
                try FileSystem.writeAtomically(
                    folder.entry("server.\(kind)"), try FileSystem.read(shared.path("\(name).\(kind)")))
            }
        }
        try put("server")
        let setup = try await TLSSetup { files in
            files = TLSServerFiles(certificate: folder.entry("server.pem"), key: folder.entry("server.key"))
        }
        let before = try setup.client()
        let call = before.open(Echo.chat.method, message: nil, options: CallOptions())
        try await call.send([1])
        #expect(try await call.next() == [1])

        // One that is not valid for this host: who connects anew is refused, which shows that it is shown.
        try put("elsewhere")
        #expect(setup.certificates.refresh(always: false) == .replaced)
        let error = try await setup.failure()
        #expect(error?.message.contains("the certificate of CN=elsewhere.test is for news.example.com") == true)

        try await call.send([2])
        #expect(try await call.next() == [2])
        call.finish()
        #expect(try await call.next() == nil)
        await before.close()
        await setup.end()
    }

    @Test("files are looked at again from time to time")
    func watched() async throws {
        let folder = try TemporaryDirectory("watch")
        let shared = try await TestCertificates.shared
        func put(_ name: String, _ kind: String) throws {
            try FileSystem.writeAtomically(
                folder.entry("server.\(kind)"), try FileSystem.read(shared.path("\(name).\(kind)")))
        }
        try put("server", "pem")
        try put("server", "key")
        let certificates = try TLSCertificates(
            TLSServerFiles(certificate: folder.entry("server.pem"), key: folder.entry("server.key")))
        let first = certificates.current
        let lines = Monitor<[String]>([])
        let queue = LineQueue { line in lines.broadcast { $0.append(line) } }
        let log = EventLog(level: .info, format: .text, lines: queue)
        let thread = try LoopThread(name: "watch")
        thread.post { loop in certificates.watch(every: .milliseconds(5), on: loop, log: log) }
        try put("replacement", "pem")
        await blocking {
            lines.wait { $0.contains { $0.contains("certificate not replaced") } ? () : nil }
        }
        #expect(certificates.current === first)
        try put("replacement", "key")
        await blocking {
            lines.wait { $0.contains { $0.contains("certificate replaced") } ? () : nil }
        }
        #expect(certificates.current !== first)
        #expect(lines.withLock { $0.count } == 2)
        thread.stop()
    }

    @Test("E12: a client that does not finish its handshake is cut off, and others are served")
    func stalledHandshake() async throws {
        var settings = ServerSettings()
        settings.handshakeTimeout = .milliseconds(30 * Patience.factor)
        let setup = try await TLSSetup(settings: settings)
        #expect(try await answer(of: setup.server, to: [[22, 3, 1, 2, 0]]).isEmpty)
        // Half of an HTTP/2 preface inside of TLS is no better; the client of this package sends a whole one.
        let client = try setup.client { configuration, _ in configuration.connectTimeout = .seconds(30) }
        #expect(try await client.say([7]) == [7])
        await client.close()
        await setup.end()
    }

    @Test("C8: a server that stops ends connections with TLS as well")
    func stops() async throws {
        let setup = try await TLSSetup()
        let client = try setup.client()
        #expect(try await client.say([1]) == [1])
        await setup.end()
        await client.close()
    }
}

@Suite("What a client says of a server that it does not trust") struct TLSErrorTests {
    private func isUnavailable(_ error: RPCError?, _ text: String) -> Bool {
        guard let error else { return false }
        return error.code == .unavailable && error.origin == .notConnected && error.message.contains(text)
    }

    @Test("an unknown authority, a wrong name and a missing certificate are named")
    func causes() async throws {
        let setup = try await TLSSetup()
        let unknown = try await setup.failure { [shared = setup.shared] _, tls in
            tls.authoritiesFile = shared.path("other-ca.pem")
        }
        #expect(isUnavailable(unknown, "the certificate of CN=first.test is signed by an unknown authority"))
        let name = try await setup.failure { _, tls in tls.serverName = "news.example.com" }
        #expect(isUnavailable(name, "is for localhost, 127.0.0.1, ::1, not for \"news.example.com\""))
        await setup.end()
    }

    @Test("client certificates are required, asked for, or left alone")
    func clientCertificates() async throws {
        let shared = try await TestCertificates.shared
        func own(_ tls: inout ClientTLS, _ name: String) {
            tls.certificateFile = shared.path("\(name).pem")
            tls.keyFile = shared.path("\(name).key")
        }
        for mode in TLSServerSettings.ClientCertificates.allCases {
            let setup = try await TLSSetup { files in
                files.clientAuthorities = shared.path("ca.pem")
                files.clientCertificates = mode
            }
            let none = try await setup.failure()
            #expect(mode == .require ? isUnavailable(none, "requires a certificate") : none == nil, "\(mode)")
            #expect(try await setup.failure { _, tls in own(&tls, "client") } == nil, "\(mode)")
            let stray = try await setup.failure { _, tls in own(&tls, "stray-client") }
            let isRefused = isUnavailable(stray, "it does not know the authority of this side's certificate")
            #expect(mode == .off ? stray == nil : isRefused, "\(mode)")
            await setup.end()
        }
    }

    @Test("E19: a client with TLS says that the server does not speak it")
    func serverWithoutTLS() async throws {
        let setup = try EchoSetup()
        var configuration = patient(target: "\(setup.server.addresses[0])")
        var tls = ClientTLS()
        tls.authoritiesFile = try await TestCertificates.shared.path("ca.pem")
        configuration.tls = tls
        let client = try RPCClient(configuration)
        let error = await failure { try await client.say([1]) }
        #expect(isUnavailable(error, "no connection to \(configuration.target): the server does not speak TLS"))
        await client.close()
        await setup.end()
    }

    @Test("E19: a client without TLS says that the server needs it")
    func clientWithoutTLS() async throws {
        let setup = try await TLSSetup()
        let client = try RPCClient(patient(target: "\(setup.server.addresses[0])"))
        let error = await failure { try await client.say([1]) }
        #expect(isUnavailable(error, "This port needs TLS"))
        await client.close()
        await setup.end()
    }

    @Test("files that cannot be used fail where the client is made, by name")
    func files() async throws {
        let shared = try await TestCertificates.shared
        func error(_ change: (inout ClientTLS) -> Void) -> RPCError? {
            var configuration = patient(target: "127.0.0.1:1")
            var tls = ClientTLS()
            change(&tls)
            configuration.tls = tls
            do throws(RPCError) {
                _ = try RPCClient(configuration)
                return nil
            } catch {
                return error
            }
        }
        let absent = error { $0.authoritiesFile = "/nowhere/ca.pem" }
        #expect(absent?.code == .invalidArgument)
        #expect(absent?.message.contains("/nowhere/ca.pem") == true)
        let alone = error { $0.certificateFile = shared.path("client.pem") }
        #expect(alone?.message == "the client's certificate and its private key go together")
        let wrong = error { tls in
            tls.certificateFile = shared.path("client.pem")
            tls.keyFile = shared.path("server.key")
        }
        #expect(wrong?.message.contains("is not the private key of") == true)
    }
}

import ArgumentParser
import EventLoops
import Foundation
import InteropKit
import NewsServer

/// `newsrpc-interop serve` and `newsrpc-interop call ADDRESS`: both sides of the interop tests, for other libraries.
@main
struct Interop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "newsrpc-interop", abstract: "The interop tests of gRPC, for tests only.",
        subcommands: [Serve.self, Call.self])
}

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves grpc.testing.TestService until the standard input ends.")

    @Option(help: "Where to listen.")
    var listen = "127.0.0.1:0"

    func run() throws {
        let server = try CallServer.interop(try SocketAddress(parsing: listen))
        print("listening on \(server.addresses[0])")
        fflush(nil)
        while readLine() != nil {}
        server.stop()
    }
}

struct Call: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Runs test cases against a server.")

    @Argument(help: "The server, HOST:PORT.")
    var server: String

    @Argument(help: "The cases; all when none is named.")
    var cases: [String] = []

    @Flag(help: "The server cannot tell whether a message came compressed.")
    var noCompressionProbes = false

    func run() async throws {
        let client = InteropClient(target: server, probesCompression: !noCompressionProbes)
        var failureCount = 0
        for name in cases.isEmpty ? InteropCase.allCases.map(\.rawValue) : cases {
            guard let test = InteropCase(rawValue: name) else { throw ValidationError("no case \"\(name)\"") }
            do {
                try await client.run(test)
                print("\(name): passed")
            } catch {
                failureCount += 1
                print("\(name): FAILED: \(error)")
            }
        }
        if failureCount > 0 { throw ExitCode.failure }
    }
}

internal import ArgumentParser
internal import NewsClient

/// The options of TLS that every command has. Any of them turns it on.
struct TLSArguments: ParsableArguments {
    @Flag(name: .customLong("tls"), help: "Call with TLS. So does each of the next four.")
    var isOn = false

    @Option(name: .customLong("cacert"), help: .init("Authorities to trust; default: the system's.", valueName: "file"))
    var authorities: String?

    @Option(name: .customLong("cert"), help: .init("Certificate to show to the server.", valueName: "file"))
    var certificate: String?

    @Option(name: .customLong("key"), help: .init("Private key of --cert.", valueName: "file"))
    var key: String?

    @Option(help: .init("Name in the server's certificate.", valueName: "name"))
    var serverName: String?

    /// Options, then the environment; `nil`: no TLS.
    ///
    /// The environment does not count for unix sockets: servers do not speak TLS there.
    func settings(_ environment: Environment, server: String) throws -> ClientTLS? {
        let environment = server.hasPrefix("unix:") ? Environment { _ in nil } : environment
        var tls = ClientTLS()
        tls.authoritiesFile = authorities ?? environment["NEWSRPC_CACERT"]
        tls.certificateFile = certificate ?? environment["NEWSRPC_CERT"]
        tls.keyFile = key ?? environment["NEWSRPC_KEY"]
        tls.serverName = serverName ?? environment["NEWSRPC_SERVER_NAME"]
        guard (tls.certificateFile == nil) == (tls.keyFile == nil) else {
            throw UsageError(message: "--cert and --key go together")
        }
        let isWanted = isOn || (environment["NEWSRPC_TLS"] ?? "0") != "0"
        return isWanted || tls != ClientTLS() ? tls : nil
    }
}

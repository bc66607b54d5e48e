internal import Files
internal import TLS

/// How a client trusts its server, and what it shows of itself. The files are read once, when the client is made.
public struct ClientTLS: Hashable, Sendable {
    /// PEM file of the authorities that sign the server. `nil`: those of the system.
    public var authoritiesFile: String?
    /// PEM files of the client's own certificate and private key, for servers that ask for one.
    public var certificateFile: String?
    public var keyFile: String?
    /// The name or IP address that the server's certificate must be for. `nil`: the host of the target.
    public var serverName: String?

    public init() {}
}

extension ClientTLS {
    /// - Throws: INVALID_ARGUMENT, with the file at fault.
    func makeContext() throws(RPCError) -> TLSContext {
        guard (certificateFile == nil) == (keyFile == nil) else {
            throw Self.error("the client's certificate and its private key go together")
        }
        var settings = TLSClientSettings()
        settings.authorities = try read(authoritiesFile)
        settings.certificate = try read(certificateFile)
        settings.key = try read(keyFile)
        do throws(TLSError) { return try TLSContext(client: settings) } catch { throw Self.error(error.description) }
    }

    private func read(_ path: String?) throws(RPCError) -> TLSFile? {
        guard let path else { return nil }
        do throws(FileError) {
            // A bundle of a distribution has 200 kB.
            return TLSFile(name: path, bytes: try FileSystem.read(path, limit: 16 << 20))
        } catch {
            throw Self.error(error.description)
        }
    }

    private static func error(_ text: String) -> RPCError { RPCError(.invalidArgument, text, origin: .notConnected) }
}

internal import Files
internal import NewsClient

/// The bearer token that calls carry. It stands in no message, whatever is wrong with it.
struct Credential: Sendable {
    /// What every call sends.
    let metadata: [MetadataField]

    /// Longest token, in bytes; a server takes no longer one.
    private static let byteCountMax = 512

    /// Option, then environment; without both, none.
    init(_ global: GlobalOptions, _ environment: Environment, _ files: any FileAccess) throws {
        if let token = global.token {
            metadata = try Self.fields(token, "--token")
        } else if let path = global.tokenFile {
            metadata = try Self.fields(try Self.firstLine(of: path, files), "--token-file \(path)")
        } else if let token = environment["NEWSRPC_TOKEN"] {
            metadata = try Self.fields(token, "NEWSRPC_TOKEN")
        } else {
            metadata = []
        }
    }

    /// Refuses to send a credential where others could read it.
    static func checkClear(_ headers: [MetadataField], server: String) throws {
        guard headers.contains(where: { $0.name.lowercased() == "authorization" }) else { return }
        guard !RPCClient.Configuration(target: server).staysOnThisMachine else { return }
        throw UsageError(
            message: "the token would travel in the clear to \(server): call with --tls, or say --insecure-token")
    }

    private static func firstLine(of path: String, _ files: any FileAccess) throws -> String {
        do throws(FileError) {
            let bytes = try files.open(path).read(upTo: byteCountMax + 2)
            return String(
                decoding: bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }, as: UTF8.self)
        } catch {
            throw LocalError(message: "--token-file: \(error)")
        }
    }

    private static func fields(_ token: String, _ source: String) throws -> [MetadataField] {
        let isToken = token.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard isToken, (1...byteCountMax).contains(token.utf8.count) else {
            throw UsageError(message: "\(source): a token is 1 to \(byteCountMax) characters of ASCII without blanks")
        }
        return [MetadataField("authorization", "Bearer \(token)")]
    }
}

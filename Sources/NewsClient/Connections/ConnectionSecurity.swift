internal import Bytes
internal import EventLoops
internal import TLS
internal import TLSTransport

/// TLS of the connections of one client. Loop-bound.
final class ConnectionSecurity {
    private let context: TLSContext
    private let serverName: String
    /// Where plaintext lies for the time of a call.
    private let plaintext = ByteArena(capacity: 64)

    init(_ context: TLSContext, serverName: String) {
        self.context = context
        self.serverName = serverName
    }

    /// Puts TLS between a socket and `connection`.
    func handler(for connection: ClientConnection) -> any TransportHandler {
        TLSHandler(TLSSession(context, server: serverName), connection, scratch: plaintext)
    }

    /// The host of an authority: "news.example.com" for "news.example.com:50051", "::1" for "[::1]:50051".
    static func host(of authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            return String(authority[authority.index(after: authority.startIndex)..<end])
        }
        return String(authority.prefix { $0 != ":" })
    }
}

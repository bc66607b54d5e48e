internal import TLSTransport

/// Last words to clients that speak something else than the port they called. Whoever reads them, in a client's error
/// or in a trace, is told what to do.
enum WrongPort {
    /// Answers of a port without TLS; `nil`: there is nothing that this peer would understand.
    static func answerWithoutTLS(to peer: FirstBytes) -> [UInt8]? {
        switch peer {
        case .http1:
            http1(
                "505 HTTP Version Not Supported",
                "This is a gRPC server. It speaks HTTP/2 only: call it with a gRPC client, such as newsrpc-cli.")
        // Not an alert: each of those means something else, while bytes that are no TLS make every client say so.
        case .tls: http1("400 Bad Request", "This port does not speak TLS: call it without.")
        case .http2, .other: nil
        }
    }

    /// Answers of a port that speaks TLS.
    ///
    /// HTTP/2 too is answered in HTTP/1, which its clients know when they see it. Told by GOAWAY, some would take the
    /// connection for one that worked, and connect again without a pause.
    static func answerOfTLS(to peer: FirstBytes) -> [UInt8]? {
        switch peer {
        case .http1, .http2: http1("400 This port needs TLS", "This is a gRPC server, and this port needs TLS.")
        case .tls, .other: nil
        }
    }

    private static func http1(_ status: String, _ text: String) -> [UInt8] {
        let lines = [
            "HTTP/1.1 \(status)", "Content-Type: text/plain; charset=utf-8", "Content-Length: \(text.utf8.count + 1)",
            "Connection: close", "", text,
        ]
        return Array(lines.joined(separator: "\r\n").utf8) + [UInt8(ascii: "\n")]
    }
}

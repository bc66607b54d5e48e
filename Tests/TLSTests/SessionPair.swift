import Bytes
import Files
import TLS
import TestKit

extension TestCertificates {
    func file(_ name: String) throws -> TLSFile { TLSFile(name: name, bytes: try FileSystem.read(path(name))) }

    func serverSettings(_ name: String = "server") throws -> TLSServerSettings {
        TLSServerSettings(certificate: try file("\(name).pem"), key: try file("\(name).key"))
    }

    func clientSettings(_ name: String? = nil) throws -> TLSClientSettings {
        var settings = TLSClientSettings()
        settings.authorities = try file("ca.pem")
        if let name {
            settings.certificate = try file("\(name).pem")
            settings.key = try file("\(name).key")
        }
        return settings
    }

    /// A client and a server that know each other, changed by a test.
    func pair(
        to name: String = "localhost", client clientName: String? = nil, server serverName: String = "server",
        _ change: (inout TLSClientSettings, inout TLSServerSettings) throws -> Void = { _, _ in }
    ) throws -> SessionPair {
        var client = try clientSettings(clientName)
        var server = try serverSettings(serverName)
        try change(&client, &server)
        return SessionPair(
            client: TLSSession(try TLSContext(client: client), server: name),
            server: TLSSession(try TLSContext(server: server)))
    }
}

/// Two sessions joined by a pipe that cuts what goes through it into pieces.
final class SessionPair {
    let client: TLSSession
    let server: TLSSession
    /// Plaintext that came out.
    var atClient: [UInt8] = []
    var atServer: [UInt8] = []
    private let scratch = ByteArena()

    init(client: TLSSession, server: TLSSession) {
        self.client = client
        self.server = server
    }

    /// Lets both talk until neither has anything left to say.
    @discardableResult
    func run(pieces: Int = .max) -> (client: TLSOutcome, server: TLSOutcome) {
        var outcome: (client: TLSOutcome, server: TLSOutcome) = (.open, .open)
        while true {
            let (toServer, toClient) = (records(of: client), records(of: server))
            if toServer.isEmpty, toClient.isEmpty { return outcome }
            if !toServer.isEmpty { outcome.server = receive(toServer, pieces, at: server) { self.atServer += $0 } }
            if !toClient.isEmpty { outcome.client = receive(toClient, pieces, at: client) { self.atClient += $0 } }
        }
    }

    func send(_ plaintext: [UInt8], from session: TLSSession) -> [UInt8] {
        let (input, output) = (ByteArena(), ByteArena())
        input.append(plaintext)
        guard session.send(input, into: output) else { return [] }
        return output.withBytes(in: 0..<output.count) { [UInt8](copying: $0) }
    }

    func finish(_ session: TLSSession) -> [UInt8] {
        let output = ByteArena()
        session.finish(into: output)
        return output.withBytes(in: 0..<output.count) { [UInt8](copying: $0) }
    }

    @discardableResult
    func receive(
        _ bytes: [UInt8], _ pieces: Int = .max, at session: TLSSession, _ take: ([UInt8]) -> Void = { _ in }
    ) -> TLSOutcome {
        var outcome = TLSOutcome.open
        var start = 0
        while start < bytes.count, outcome == .open {
            let piece = Array(bytes[start...].prefix(pieces))
            start += piece.count
            outcome = session.receive(piece.span, scratch: scratch) { plaintext in
                take([UInt8](copying: plaintext))
                return true
            }
        }
        return outcome
    }

    func records(of session: TLSSession) -> [UInt8] {
        let output = ByteArena()
        session.takeRecords(into: output)
        return output.withBytes(in: 0..<output.count) { [UInt8](copying: $0) }
    }
}

/// A ClientHello by hand (RFC 8446 section 4.1.2), for clients as OpenSSL is not.
func clientHello(version: [UInt8] = [3, 3], protocols: [String]?) -> [UInt8] {
    func sized(_ bytes: [UInt8], by width: Int = 2) -> [UInt8] {
        let length = (0..<width).map { UInt8(truncatingIfNeeded: bytes.count >> (8 * (width - 1 - $0))) }
        return length + bytes
    }
    // secp256r1 alone, and signatures that every server of these tests can make.
    var extensions: [UInt8] = [0, 10] + sized(sized([0, 23])) + [0, 13] + sized(sized([4, 3, 2, 3]))
    if let protocols {
        let names = protocols.flatMap { sized(Array($0.utf8), by: 1) }
        extensions += [0, 16] + sized(sized(names))
    }
    // ECDHE-ECDSA with AES-128-GCM, and with AES-128-CBC for 1.1; no session, no compression.
    let body = version + [UInt8](repeating: 7, count: 32) + [0] + sized([0xC0, 0x2B, 0xC0, 0x09]) + [1, 0]
    let message: [UInt8] = [1] + sized(body + sized(extensions), by: 3)
    return [22, 3, 1] + sized(message)
}

/// What an alert record that is not encrypted says (RFC 8446 section 6).
func alert(in records: [UInt8]) -> UInt8? {
    records.count == 7 && records[0] == 21 && records[5] == 2 ? records[6] : nil
}

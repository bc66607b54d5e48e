/// Why a context could not be made of files. Each names the file at fault.
package enum TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No PEM block of the kind that belongs there: "certificate", "private key".
    case missing(kind: String, file: String)
    /// A PEM block that OpenSSL cannot read, or refuses, for the reason it gives.
    case unusable(kind: String, file: String, reason: String)
    /// The key is encrypted, and nobody is there to be asked for its password.
    case encryptedKey(file: String)
    /// The key belongs to another certificate.
    case keyMismatch(key: String, certificate: String)
    /// The certificate was valid until then. Of authorities: not one of the file is still valid.
    case expired(subject: String, date: String, file: String)
    /// OpenSSL finds no certificates of authorities on this system.
    case noSystemRoots
    /// OpenSSL refuses a setting.
    case refused(setting: String, reason: String)

    package var description: String {
        switch self {
        case .missing(let kind, let file): "\(file): has no \(kind) in PEM form"
        case .unusable(let kind, let file, let reason): "\(file): \(kind) cannot be used: \(reason)"
        case .encryptedKey(let file): "\(file): the private key is encrypted; store it without a password"
        case .keyMismatch(let key, let certificate): "\(key): is not the private key of \(certificate)"
        case .expired(let subject, let date, let file): "\(file): the certificate of \(subject) expired on \(date)"
        case .noSystemRoots: "this system has no certificates of authorities; name a file that has some"
        case .refused(let setting, let reason): "\(setting): \(reason)"
        }
    }
}

/// Why a connection's TLS ended.
package enum TLSFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The first bytes of the peer are no TLS record.
    case notTLS
    /// This side does not trust the peer's certificate.
    case certificateRefused(CertificateFault)
    /// The peer ended it, by an alert (RFC 8446 section 6.2).
    case alert(UInt8)
    /// The peer does not agree on HTTP/2 (ALPN "h2", RFC 9113 section 3.2).
    case noApplicationProtocol
    /// Anything else, in OpenSSL's words.
    case other(String)

    package var description: String { text(calling: "the peer") }

    /// - Parameter peer: "the server", "the client".
    package func text(calling peer: String) -> String {
        switch self {
        case .notTLS: "\(peer) does not speak TLS"
        case .certificateRefused(let fault): fault.description
        case .alert(let number): "\(peer) ended the TLS connection: \(Self.meaning(of: number))"
        case .noApplicationProtocol: "\(peer) does not speak HTTP/2 over TLS (it chose no \"h2\" by ALPN)"
        case .other(let text): "TLS failed: \(text)"
        }
    }

    /// RFC 8446 section 6, and RFC 7301 section 3.2 for 120.
    private static func meaning(of alert: UInt8) -> String {
        switch alert {
        case 10: "unexpected message"
        case 20: "bad record"
        case 40: "it accepts none of the offered versions and ciphers"
        case 42: "it finds the certificate of this side broken"
        case 43: "it does not take this kind of certificate"
        case 44: "the certificate of this side has been revoked"
        case 45: "the certificate of this side has expired"
        case 46: "it does not accept the certificate of this side"
        case 47: "illegal parameter"
        case 48: "it does not know the authority of this side's certificate"
        case 49: "access denied"
        case 50, 51: "it cannot read the handshake"
        case 70: "it accepts none of the offered TLS versions"
        case 71: "it wants stronger ciphers"
        case 80: "it has an internal error"
        case 112: "it serves nothing under this server name"
        case 116: "it requires a certificate of this side"
        case 120: "it has no application protocol in common with this side"
        default: "alert \(alert)"
        }
    }
}

/// What is wrong with a certificate that a peer has shown.
package struct CertificateFault: Hashable, Sendable, CustomStringConvertible {
    package enum Reason: Hashable, Sendable {
        case expired(date: String)
        case notYetValid(date: String)
        /// Its chain ends at none of the authorities that are trusted.
        case unknownAuthority
        /// It is made for other names than the one that was called.
        case wrongName(wanted: String, names: [String])
        /// Anything else, in OpenSSL's words.
        case other(String)
    }

    package var reason: Reason
    /// Of the certificate at fault, which may be one of an authority: "CN=news.example.com".
    package var subject: String

    package init(reason: Reason, subject: String) {
        self.reason = reason
        self.subject = subject
    }

    package var description: String {
        switch reason {
        case .expired(let date): "the certificate of \(subject) expired on \(date)"
        case .notYetValid(let date): "the certificate of \(subject) is not valid before \(date)"
        case .unknownAuthority: "the certificate of \(subject) is signed by an unknown authority"
        case .wrongName(let wanted, let names) where names.isEmpty:
            "the certificate of \(subject) names no server, so it is not for \"\(wanted)\""
        case .wrongName(let wanted, let names):
            "the certificate of \(subject) is for \(names.joined(separator: ", ")), not for \"\(wanted)\""
        case .other(let text): "the certificate of \(subject) is refused: \(text)"
        }
    }
}

/// TLS versions that are spoken here; older ones are broken (RFC 8996).
package enum TLSVersion: Hashable, Sendable {
    case v1_2
    case v1_3
}

/// What a server shows of itself, and what it asks of its clients.
package struct TLSServerSettings: Sendable {
    /// What becomes of clients' certificates.
    package enum ClientCertificates: String, Hashable, Sendable, CaseIterable {
        /// None is asked for.
        case off
        /// One is asked for. A client without goes on; one whose certificate is not in order does not.
        case request
        /// Nobody goes on without one.
        case require
    }

    /// The server's certificate, followed by those that lead from it towards its authority.
    package var certificate: TLSFile
    package var key: TLSFile
    package var clientCertificates = ClientCertificates.off
    /// Certificates of the authorities that sign clients.
    package var clientAuthorities: TLSFile?
    package var versions: ClosedRange<TLSVersion> = .v1_2 ... .v1_3

    package init(certificate: TLSFile, key: TLSFile) {
        self.certificate = certificate
        self.key = key
    }
}

/// Whom a client trusts, and what it shows of itself.
package struct TLSClientSettings: Sendable {
    /// Certificates of the authorities that sign servers; `nil`: those of the system.
    package var authorities: TLSFile?
    /// The client's own certificate and key, for servers that ask.
    package var certificate: TLSFile?
    package var key: TLSFile?
    package var versions: ClosedRange<TLSVersion> = .v1_2 ... .v1_3

    package init() {}
}

extension TLSVersion: Comparable {
    package static func < (left: Self, right: Self) -> Bool { left == .v1_2 && right == .v1_3 }
}

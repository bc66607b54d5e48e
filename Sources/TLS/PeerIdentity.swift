/// Who is on the other side of a TLS connection, as its certificate says. Only made of a certificate that was verified.
package struct PeerIdentity: Hashable, Sendable {
    /// The subject's common name (CN); the last one if there are several.
    package var commonName: String?
    /// Subject alternative names of type DNS, in the order of the certificate.
    package var dnsNames: [String]
    /// Subject alternative names of type URI, such as "spiffe://example.org/importer".
    package var uris: [String]

    package init(commonName: String? = nil, dnsNames: [String] = [], uris: [String] = []) {
        self.commonName = commonName
        self.dnsNames = dnsNames
        self.uris = uris
    }

    /// The name to call the peer by in a log: the first URI, else the common name, else the first DNS name.
    package var name: String? { uris.first ?? commonName ?? dnsNames.first }
}

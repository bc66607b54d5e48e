import TLS
import Testing

@Suite("Who a certificate names") struct PeerIdentityTests {
    @Test("a peer is called by its URI, else by its common name, else by a DNS name") func name() {
        var identity = PeerIdentity(
            commonName: "importer", dnsNames: ["a.example"], uris: ["spiffe://example/importer"])
        #expect(identity.name == "spiffe://example/importer")
        identity.uris = []
        #expect(identity.name == "importer")
        identity.commonName = nil
        #expect(identity.name == "a.example")
        identity.dnsNames = []
        #expect(identity.name == nil)
    }
}

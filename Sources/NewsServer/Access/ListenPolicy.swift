package import EventLoops

/// Where a server may listen that anybody may call, or that sends in the clear.
///
/// What is said on loopback or a unix socket stays on the machine. Beyond it, tokens without TLS could be read on the
/// way, and TLS without tokens or client certificates would let everybody write.
package struct ListenPolicy: Sendable {
    /// What is sent is encrypted.
    package var hasTLS = false
    /// Callers show who they are, by tokens or certificates.
    package var knowsCallers = false
    /// The operator has said in full words that it may be so.
    package var isWaived = false

    package init() {}

    /// What is wrong with an address, and the ways out. `nil`: nothing.
    package func objection(to address: SocketAddress) -> String? {
        guard !isWaived, !(hasTLS && knowsCallers), !address.isOfThisMachine else { return nil }
        let lack =
            switch (hasTLS, knowsCallers) {
            case (true, _): "anybody who reaches it could read and write"
            case (false, true): "tokens would travel in the clear"
            case (false, false): "anybody who reaches it could read and write, in the clear"
            }
        return "\(address) is not on loopback, and \(lack). Listen on 127.0.0.1, [::1] or unix:PATH; "
            + "or serve TLS (--tls-cert) and ask for tokens (--tokens); or say --insecure-listen"
    }
}

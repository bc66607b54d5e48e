package import EventLoops
package import TLS

/// What speaks inside of TLS: gets and gives plaintext, and is otherwise a handler like any other.
package protocol SecuredHandler: TransportHandler {
    /// The handshake is done, and the peer's certificate, if it has shown one, has been verified. Comes once, before
    /// the first `received`.
    func secured(_ peer: PeerIdentity?)
    /// The handshake failed, for a reason that is a sentence. `closed` follows at once.
    func notSecured(_ fault: String)
}

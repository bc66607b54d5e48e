package import Bytes
package import EventLoops
package import TLS

/// Puts TLS between a connection and what speaks on it: records come in and plaintext goes to the inner handler;
/// plaintext of the inner handler goes out as records.
///
/// The inner handler uses the connection's `Transport` as it would without TLS: asks to send, sets limits, closes. What
/// waits for a slow peer waits as records, in the transport; this keeps no bytes between turns.
package final class TLSHandler: TransportHandler {
    private let session: TLSSession
    private let inner: any SecuredHandler
    /// Where plaintext lies for the time of a call; the loop's connections share it.
    private let scratch: ByteArena
    /// What a peer is told that speaks without TLS; `nil` on the side that connects.
    private let refusal: ((FirstBytes) -> [UInt8]?)?
    /// The first bytes, as long as they do not tell what the peer speaks.
    private var undecided: [UInt8] = []
    private var hasDecided: Bool
    /// The last words to a peer that speaks without TLS.
    private var lastWords: [UInt8]?
    private var isSecured = false
    /// What the inner handler has left to say is sent, then the connection ends.
    private var isEnding = false
    /// What the inner handler answered when the peer had finished: it is told once.
    private var hasAnswers: Bool?
    /// "the client" or "the server".
    private let peerName: String
    /// Why there is no TLS on this connection, in a sentence.
    private var fault: String?

    /// - Parameters:
    ///   - scratch: shared by the connections of a loop.
    ///   - refusal: what to answer to a peer that does not speak TLS but this; `nil`: nothing.
    package init(
        _ session: TLSSession, _ inner: any SecuredHandler, scratch: ByteArena,
        refusal: ((FirstBytes) -> [UInt8]?)? = nil
    ) {
        self.session = session
        self.inner = inner
        self.scratch = scratch
        self.refusal = refusal
        hasDecided = refusal == nil
        peerName = refusal == nil ? "the server" : "the client"
    }

    // MARK: In

    package func received(_ bytes: Span<UInt8>) -> Bool {
        if hasDecided { return decrypt(bytes) }
        guard undecided.isEmpty else {
            let all = undecided + [UInt8](copying: bytes)
            return decide(all.span)
        }
        return decide(bytes)
    }

    private func decide(_ bytes: Span<UInt8>) -> Bool {
        guard let kind = FirstBytes(bytes) else {
            undecided = [UInt8](copying: bytes)
            return true
        }
        hasDecided = true
        undecided = []
        guard kind != .tls else { return decrypt(bytes) }
        fault = "\(peerName) speaks \(kind.name) where TLS is needed"
        lastWords = refusal?(kind)
        return false
    }

    private func decrypt(_ bytes: Span<UInt8>) -> Bool {
        let outcome = session.receive(bytes, scratch: scratch) { plaintext in
            tellSecured()
            return inner.received(plaintext)
        }
        if session.isEstablished { tellSecured() }
        switch outcome {
        case .open: return true
        case .stopped:
            isEnding = true
            return false
        case .peerFinished: return peerFinished()
        case .failed(let failure):
            fault = failure.text(calling: peerName)
            return false
        }
    }

    private func tellSecured() {
        guard !isSecured else { return }
        isSecured = true
        inner.secured(session.peerIdentity)
    }

    package func peerFinished() -> Bool {
        if let hasAnswers { return hasAnswers }
        guard isSecured else {
            fault = "\(peerName) left during the TLS handshake"
            return false
        }
        let answer = inner.peerFinished()
        hasAnswers = answer
        isEnding = !answer
        return answer
    }

    // MARK: Out

    package func produce(into output: ByteArena, limit: Int) -> Production {
        if let lastWords { output.append(lastWords) }
        session.takeRecords(into: output)
        if fault != nil || session.failure != nil { return .finished }
        guard session.isEstablished else { return .drained }
        scratch.removeAll(keeping: Self.keptByteCount)
        let production = inner.produce(into: scratch, limit: limit)
        guard session.send(scratch, into: output) else { return .failed }
        switch production {
        case .drained where isEnding, .finished:
            session.finish(into: output)
            return .finished
        case .drained, .more, .failed: return production
        }
    }

    /// Of the shared scratch memory, in bytes: what the loop asks a handler for at a time, with room for a frame more.
    private static let keptByteCount = 512 << 10

    package func closed(_ reason: CloseReason) {
        if fault == nil, let failure = session.failure { fault = failure.text(calling: peerName) }
        if !isSecured, let fault { inner.notSecured(fault) }
        inner.closed(fault.map(CloseReason.error) ?? reason)
    }
}

extension FirstBytes {
    var name: String {
        switch self {
        case .http2: "HTTP/2 without TLS"
        case .http1: "HTTP/1 without TLS"
        case .tls: "TLS"
        case .other: "something else"
        }
    }
}

@available(*, unavailable) extension TLSHandler: Sendable {}

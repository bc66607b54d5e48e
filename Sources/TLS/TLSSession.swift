package import Bytes
internal import COpenSSL

/// What became of bytes that a peer has sent.
package enum TLSOutcome: Hashable, Sendable {
    /// All were taken; more may come.
    case open
    /// Who takes the plaintext wants no more of it.
    case stopped
    /// The peer has said that it sends no more (close_notify).
    case peerFinished
    /// It is over. An alert may be among the records that are to be sent.
    case failed(TLSFailure)
}

/// One end of a TLS connection.
///
/// Sans-I/O: records of the peer go in by `receive`, plaintext comes out; plaintext goes in by `send`, records come
/// out. OpenSSL reads and writes where the caller's bytes lie, through a BIO of our own: an idle session has no
/// buffers, and no byte is copied but by the cipher.
@safe package final class TLSSession {
    let handle: OpaquePointer
    private let context: TLSContext
    /// Whom the peer's certificate must name; empty for a server.
    private let peerName: String
    /// Set while `receive` runs; what OpenSSL has not read yet of the bytes that were lent.
    private var input = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    /// Where records go while `send` or `finish` runs; what is written at other times waits in `waiting`.
    private var output: ByteArena?
    private var waiting: [UInt8] = []
    /// What a peer's certificate was refused for.
    private var fault: CertificateFault?
    private var hasReceived = false
    private var quietReadCount = 0
    /// The handshake is done: plaintext may go both ways.
    package private(set) var isEstablished = false
    package private(set) var failure: TLSFailure?

    /// The server's side.
    package init(_ context: TLSContext) {
        precondition(context.role == .server, "a client's session has a name to check")
        self.context = context
        peerName = ""
        unsafe handle = Self.make(context)
        connectToSelf()
        unsafe SSL_set_accept_state(handle)
    }

    /// The client's side. Its first record is ready at once.
    /// - Parameter server: Host name or IP address that the server's certificate must be for. A name is also sent along
    ///   (SNI), an address is not (RFC 6066 section 3).
    package init(_ context: TLSContext, server: String) {
        precondition(context.role == .client, "a server's session checks no name")
        self.context = context
        peerName = server
        unsafe handle = Self.make(context)
        connectToSelf()
        unsafe SSL_set_connect_state(handle)
        guard expect(server) else {
            failure = .other("\"\(server)\" is no name that a certificate could have")
            OpenSSLErrors.clear()
            return
        }
        _ = shakeHands()
    }

    private func expect(_ server: String) -> Bool {
        // An empty name would be taken for "any", and C would end the other at its NUL.
        guard !server.isEmpty, !server.utf8.contains(0) else { return false }
        if unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(handle), server) == 1 { return true }
        OpenSSLErrors.clear()
        unsafe SSL_set_hostflags(handle, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        return unsafe SSL_set1_host(handle, server) == 1 && newsrpc_set_server_name(handle, server) == 1
    }

    deinit { unsafe SSL_free(handle) }

    private static func make(_ context: TLSContext) -> OpaquePointer {
        guard let handle = unsafe SSL_new(context.handle) else { preconditionFailure("OpenSSL is out of memory") }
        return unsafe handle
    }

    /// Lets OpenSSL read and write through this object, and its callbacks find it.
    private func connectToSelf() {
        // Not retained: the SSL and its BIO are freed with this object, and call nobody then.
        let owner = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe SSL_set_ex_data(handle, Self.ownerIndex, owner)
        let bio = unsafe SessionBIO.make(owner: owner)
        unsafe SSL_set_bio(handle, bio, bio)  // Takes over the one reference.
    }

    /// The place of an SSL for its application (SSL_set_app_data).
    static let ownerIndex: Int32 = 0

    // MARK: Bytes of the peer

    /// Takes bytes of the peer and hands the plaintext on in pieces, lent for the call.
    /// - Parameters:
    ///   - scratch: room for a piece; what is in it is forgotten.
    ///   - deliver: `false` when no more is wanted.
    package func receive(
        _ bytes: Span<UInt8>, scratch: ByteArena, _ deliver: (Span<UInt8>) -> Bool
    ) -> TLSOutcome {
        if let failure { return .failed(failure) }
        guard bytes.count > 0 else { return .open }
        if !hasReceived {
            hasReceived = true
            guard bytes[0] == Self.handshakeRecord || bytes[0] == Self.alertRecord else { return end(.notTLS) }
        }
        return unsafe bytes.withUnsafeBytes { raw in
            unsafe input = raw
            defer { unsafe input = UnsafeRawBufferPointer(start: nil, count: 0) }
            if !isEstablished, let outcome = shakeHands() { return outcome }
            return read(scratch, deliver)
        }
    }

    // RFC 8446 section 5.1: what begins a connection.
    private static let handshakeRecord: UInt8 = 22
    private static let alertRecord: UInt8 = 21

    /// Goes on with the handshake. `nil` once it is done.
    private func shakeHands() -> TLSOutcome? {
        OpenSSLErrors.clear()
        let code = unsafe SSL_do_handshake(handle)
        guard code == 1 else { return outcome(of: code) }
        if context.role == .client, !hasHTTP2 { return end(.noApplicationProtocol) }
        isEstablished = true
        return nil
    }

    private func read(_ scratch: ByteArena, _ deliver: (Span<UInt8>) -> Bool) -> TLSOutcome {
        while true {
            scratch.removeAll()
            OpenSSLErrors.clear()
            var code: Int32 = 0
            let count = unsafe scratch.appendUnsafe(upTo: Self.plaintextMax) { room in
                var count = 0
                unsafe code = SSL_read_ex(handle, room.baseAddress, room.count, &count)
                return count
            }
            guard code == 1 else {
                let outcome = outcome(of: code)
                guard outcome == .open, unsafe input.count > 0 else { return outcome }
                // A record that was no data. Each may cost an answer, or new keys.
                quietReadCount += 1
                guard quietReadCount <= Self.quietReadsMax else {
                    return end(.other("too many records without data"))
                }
                continue
            }
            quietReadCount = 0
            guard scratch.withBytes(in: 0..<count, deliver) else { return .stopped }
        }
    }

    /// Reads without data one after the other, such as of tickets and new keys; a record may need two.
    private static let quietReadsMax = 64

    /// Plaintext of one record, at most (RFC 8446 section 5.1).
    private static let plaintextMax = 1 << 14

    private func outcome(of code: Int32) -> TLSOutcome {
        switch unsafe SSL_get_error(handle, code) {
        case SSL_ERROR_WANT_READ: return .open
        case SSL_ERROR_ZERO_RETURN: return .peerFinished
        default:
            let entries = OpenSSLErrors.take()
            if let alert = entries.lazy.compactMap(\.alert).first { return end(.alert(alert)) }
            if let fault { return end(.certificateRefused(fault)) }
            return end(.other(entries.first?.reason ?? "broken off"))
        }
    }

    private func end(_ failure: TLSFailure) -> TLSOutcome {
        self.failure = failure
        return .failed(failure)
    }

    // MARK: Bytes for the peer

    /// Appends records that are to be sent besides those of `send`: of the handshake, tickets, alerts.
    package func takeRecords(into output: ByteArena) {
        guard !waiting.isEmpty else { return }
        output.append(waiting)
        waiting = []
    }

    /// Appends `plaintext` to `output` as records.
    /// - Returns: `false` when the session has failed.
    package func send(_ plaintext: ByteArena, into output: ByteArena) -> Bool {
        precondition(isEstablished, "nothing is sent before the handshake is done")
        guard failure == nil else { return false }
        guard plaintext.count > 0 else { return true }
        self.output = output
        defer { self.output = nil }
        OpenSSLErrors.clear()
        var count = 0
        let code = unsafe plaintext.withUnsafeBytes(in: 0..<plaintext.count) { bytes in
            unsafe SSL_write_ex(handle, bytes.baseAddress, bytes.count, &count)
        }
        // Our BIO takes everything, so it is all or nothing.
        if code != 1 { _ = outcome(of: code) }
        return code == 1
    }

    /// Says that no more will be sent (close_notify).
    package func finish(into output: ByteArena) {
        guard isEstablished, failure == nil else { return }
        self.output = output
        defer { self.output = nil }
        unsafe SSL_shutdown(handle)
        OpenSSLErrors.clear()
    }

    // MARK: What was agreed on

    /// Who the peer is by its certificate, which has been verified; `nil` if it has shown none.
    package var peerIdentity: PeerIdentity? {
        guard isEstablished, let certificate = unsafe SSL_get0_peer_certificate(handle),
            unsafe SSL_get_verify_result(handle) == X509_V_OK
        else { return nil }
        return unsafe Certificate.identity(of: certificate)
    }

    package var version: TLSVersion? {
        guard isEstablished else { return nil }
        return unsafe SSL_version(handle) == TLS1_3_VERSION ? .v1_3 : .v1_2
    }

    private var hasHTTP2: Bool {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(handle, &name, &count)
        guard let name = unsafe name, count == 2 else { return false }
        return unsafe name[0] == 0x68 && name[1] == 0x32
    }

    // MARK: What callbacks ask

    /// Copies bytes that were lent to `receive` to where OpenSSL wants them, and returns how many.
    func take(into room: UnsafeMutableRawBufferPointer) -> Int {
        let count = unsafe min(room.count, input.count)
        guard count > 0 else { return 0 }
        unsafe room.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[..<count]))
        unsafe input = UnsafeRawBufferPointer(rebasing: input[count...])
        return count
    }

    /// Keeps a record of OpenSSL's.
    func put(_ record: UnsafeRawBufferPointer) {
        guard let output else {
            unsafe waiting.append(contentsOf: record)
            return
        }
        unsafe output.append(Span(_unsafeElements: record.assumingMemoryBound(to: UInt8.self)))
    }

    /// A certificate of the peer is not in order. The first word about it counts.
    func note(_ code: Int32, _ certificate: OpaquePointer?) {
        guard fault == nil else { return }
        fault = unsafe CertificateFault.made(of: code, certificate, wanted: peerName)
    }
}

@available(*, unavailable) extension TLSSession: Sendable {}

internal import COpenSSL
#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// What the sessions of one server or client have in common: certificates, key, authorities, versions.
///
/// Made once and never changed; sessions of any thread are made of it. A certificate that is to be replaced makes a new
/// context: sessions keep theirs.
@safe package final class TLSContext: @unchecked Sendable {
    // Sendable because OpenSSL counts references to a context with a lock of its own, and nothing changes it after
    // `init` (ssl(7), "SSL_CTX": may be shared by threads once it is set up).
    let handle: OpaquePointer
    let role: Role

    enum Role { case client, server }

    package init(server settings: TLSServerSettings) throws(TLSError) {
        role = .server
        unsafe handle = Self.make(TLS_server_method())
        try setUp(settings.versions)
        try use(settings.certificate, settings.key)
        unsafe SSL_CTX_set_client_hello_cb(handle, TLSCallbacks.helloCame, nil)
        unsafe SSL_CTX_set_alpn_select_cb(handle, TLSCallbacks.selectProtocol, nil)
        guard settings.clientCertificates != .off else {
            // One ticket is what a client that comes again can use.
            unsafe SSL_CTX_set_num_tickets(handle, 1)
            return
        }
        guard let authorities = settings.clientAuthorities else {
            throw .refused(setting: "client certificates", reason: "no authorities are named that sign them")
        }
        // A session that comes again would not show its certificate again: who it is is always checked anew.
        unsafe newsrpc_set_no_tickets(handle)
        for authority in try trust(authorities) { unsafe SSL_CTX_add_client_CA(handle, authority.handle) }
        let isRequired = settings.clientCertificates == .require
        let mode = SSL_VERIFY_PEER | (isRequired ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0)
        unsafe SSL_CTX_set_verify(handle, mode, TLSCallbacks.certificateSeen)
    }

    package init(client settings: TLSClientSettings) throws(TLSError) {
        role = .client
        unsafe handle = Self.make(TLS_client_method())
        try setUp(settings.versions)
        if let certificate = settings.certificate {
            guard let key = settings.key else { throw .missing(kind: "private key", file: certificate.name) }
            try use(certificate, key)
        }
        if let authorities = settings.authorities {
            try trust(authorities)
        } else {
            try trustSystem()
        }
        unsafe SSL_CTX_set_verify(handle, SSL_VERIFY_PEER, TLSCallbacks.certificateSeen)
        let protocols: [UInt8] = [2, UInt8(ascii: "h"), UInt8(ascii: "2")]
        // The list is copied. Unlike its neighbours this function answers 0 when all is well.
        let code = unsafe SSL_CTX_set_alpn_protos(handle, protocols, UInt32(protocols.count))
        precondition(code == 0, "OpenSSL is out of memory")
    }

    deinit { unsafe SSL_CTX_free(handle) }

    // MARK: Parts of `init`

    /// Making one fails only when memory is out, which ends the process in Swift as well.
    private static func make(_ method: OpaquePointer?) -> OpaquePointer {
        guard let handle = unsafe SSL_CTX_new(method) else { preconditionFailure("OpenSSL is out of memory") }
        return unsafe handle
    }

    private func setUp(_ versions: ClosedRange<TLSVersion>) throws(TLSError) {
        OpenSSLErrors.clear()
        unsafe newsrpc_set_modes(handle)
        guard unsafe newsrpc_set_versions(handle, versions.lowerBound.number, versions.upperBound.number) == 1 else {
            throw .refused(setting: "TLS versions", reason: OpenSSLErrors.takeText())
        }
        // What HTTP/2 allows with TLS 1.2 (RFC 9113 section 9.2.2). The ciphers of 1.3 are all good.
        guard unsafe SSL_CTX_set_cipher_list(handle, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 else {
            throw .refused(setting: "TLS ciphers", reason: OpenSSLErrors.takeText())
        }
        // A chain may end at any certificate of the authorities, also at one that another has signed.
        unsafe X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(handle), UInt(X509_V_FLAG_PARTIAL_CHAIN))
    }

    private func use(_ certificateFile: TLSFile, _ keyFile: TLSFile) throws(TLSError) {
        let chain = try Certificate.all(in: certificateFile)
        let key = try PrivateKey(in: keyFile)
        OpenSSLErrors.clear()
        guard unsafe SSL_CTX_use_certificate(handle, chain[0].handle) == 1 else {
            throw .unusable(kind: "certificate", file: certificateFile.name, reason: OpenSSLErrors.takeText())
        }
        for certificate in chain.dropFirst() {
            guard unsafe newsrpc_add_chain_certificate(handle, certificate.handle) == 1 else {
                throw .unusable(kind: "certificate", file: certificateFile.name, reason: OpenSSLErrors.takeText())
            }
        }
        guard unsafe X509_check_private_key(chain[0].handle, key.handle) == 1 else {
            throw OpenSSLErrors.cleared(.keyMismatch(key: keyFile.name, certificate: certificateFile.name))
        }
        guard unsafe SSL_CTX_use_PrivateKey(handle, key.handle) == 1 else {
            throw .unusable(kind: "private key", file: keyFile.name, reason: OpenSSLErrors.takeText())
        }
        try refuseExpired(chain[...0], certificateFile)
    }

    @discardableResult private func trust(_ file: TLSFile) throws(TLSError) -> [Certificate] {
        let authorities = try Certificate.all(in: file)
        try refuseExpired(authorities[...], file)
        let store = unsafe SSL_CTX_get_cert_store(handle)
        for authority in authorities {
            guard unsafe X509_STORE_add_cert(store, authority.handle) == 1 else {
                throw .unusable(kind: "certificate", file: file.name, reason: OpenSSLErrors.takeText())
            }
        }
        return authorities
    }

    /// A bundle may have some that are over; one of which all are over can only fail later, and less clearly.
    private func refuseExpired(_ certificates: ArraySlice<Certificate>, _ file: TLSFile) throws(TLSError) {
        guard let first = certificates.first, certificates.allSatisfy(\.isExpired) else { return }
        throw .expired(subject: first.subject, date: first.lastDay, file: file.name)
    }

    /// Where OpenSSL looks itself (SSL_CERT_FILE, SSL_CERT_DIR and the folder it was built for), else where
    /// distributions keep their bundle: a static OpenSSL may run on another distribution than it was built on.
    private func trustSystem() throws(TLSError) {
        OpenSSLErrors.clear()
        guard unsafe SSL_CTX_set_default_verify_paths(handle) == 1 else {
            throw .refused(setting: "certificates of the system", reason: OpenSSLErrors.takeText())
        }
        // The functions answer with literals of the library.
        if unsafe getenv(X509_get_default_cert_file_env()) != nil { return }
        if unsafe getenv(X509_get_default_cert_dir_env()) != nil { return }
        if unsafe access(X509_get_default_cert_dir(), R_OK) == 0 { return }
        let bundles = [
            "/etc/ssl/certs/ca-certificates.crt",  // Debian, Alpine
            "/etc/pki/tls/certs/ca-bundle.crt",  // Fedora, RHEL
            "/etc/ssl/ca-bundle.pem",  // openSUSE
        ]
        let isFound = bundles.contains { unsafe SSL_CTX_load_verify_file(handle, $0) == 1 }
        OpenSSLErrors.clear()
        guard isFound else { throw .noSystemRoots }
    }
}

extension TLSVersion {
    var number: Int32 {
        switch self {
        case .v1_2: TLS1_2_VERSION
        case .v1_3: TLS1_3_VERSION
        }
    }
}

internal import COpenSSL

/// What OpenSSL asks while a handshake goes on. Plain functions without captures: they find their session by the
/// address that it keeps beside its `SSL`.
@safe enum TLSCallbacks {
    /// The server has a ClientHello. One that offers no application protocol at all would never reach `selectProtocol`.
    static let helloCame: SSL_client_hello_cb_fn = { session, alert, _ in
        var bytes: UnsafePointer<UInt8>?
        var count = 0
        let kind = UInt32(TLSEXT_TYPE_application_layer_protocol_negotiation)
        if unsafe SSL_client_hello_get0_ext(session, kind, &bytes, &count) == 1 { return SSL_CLIENT_HELLO_SUCCESS }
        unsafe alert?.pointee = SSL_AD_NO_APPLICATION_PROTOCOL
        return SSL_CLIENT_HELLO_ERROR
    }

    private static let http2: StaticString = "h2"

    /// Takes "h2" of what the client offers, or ends the handshake with no_application_protocol (RFC 7301 section 3.2).
    static let selectProtocol: SSL_CTX_alpn_select_cb_func = { _, chosen, chosenCount, offered, offeredCount, _ in
        let list = unsafe UnsafeBufferPointer(start: offered, count: Int(offeredCount))
        var offset = 0
        // Each name has its length before it; OpenSSL has checked that they fill the list.
        while offset < list.count {
            let end = unsafe offset + 1 + Int(list[offset])
            guard end <= list.count else { break }
            let isHTTP2 = unsafe end - offset == 3 && list[offset + 1] == 0x68 && list[offset + 2] == 0x32
            if isHTTP2 {
                // A literal: it stays.
                unsafe chosen?.pointee = http2.utf8Start
                unsafe chosenCount?.pointee = UInt8(http2.utf8CodeUnitCount)
                return SSL_TLSEXT_ERR_OK
            }
            offset = end
        }
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }

    /// A certificate of the peer's chain was looked at. What is wrong with it is told to the session; the answer stays
    /// as it is.
    static let certificateSeen: SSL_verify_cb = { isGood, store in
        guard isGood == 0 else { return isGood }
        let index = SSL_get_ex_data_X509_STORE_CTX_idx()
        let session = unsafe OpaquePointer(X509_STORE_CTX_get_ex_data(store, index))
        guard let session = unsafe session, let owner = unsafe SSL_get_ex_data(session, TLSSession.ownerIndex) else {
            return isGood
        }
        let code = unsafe X509_STORE_CTX_get_error(store)
        let certificate = unsafe X509_STORE_CTX_get_current_cert(store)
        // The session lives while its SSL does.
        unsafe Unmanaged<TLSSession>.fromOpaque(owner)._withUnsafeGuaranteedRef { owner in
            unsafe owner.note(code, certificate)
        }
        return isGood
    }
}

extension CertificateFault {
    /// - Parameter wanted: the name that was called.
    static func made(of code: Int32, _ certificate: OpaquePointer?, wanted: String) -> CertificateFault {
        let reason: Reason
        switch code {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            reason = .expired(date: unsafe Certificate.day(of: X509_get0_notAfter(certificate)))
        case X509_V_ERR_CERT_NOT_YET_VALID:
            reason = .notYetValid(date: unsafe Certificate.day(of: X509_get0_notBefore(certificate)))
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            reason = .unknownAuthority
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            // A certificate may have hundreds of names; the first ones tell what it is for.
            let names =
                unsafe Certificate.alternativeNames(of: certificate, GEN_DNS)
                + Certificate.addresses(of: certificate)
            reason = .wrongName(wanted: wanted, names: Array(names.prefix(8)))
        default: reason = .other(unsafe String(cString: X509_verify_cert_error_string(Int(code))))
        }
        return CertificateFault(reason: reason, subject: unsafe Certificate.subject(of: certificate))
    }
}

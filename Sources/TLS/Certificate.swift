internal import COpenSSL
#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// One X.509 certificate.
@safe final class Certificate {
    /// One reference of ours.
    let handle: OpaquePointer

    /// Takes over a reference.
    init(owning handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe X509_free(handle) }

    /// "CN=news.example.com,O=Example".
    var subject: String { unsafe Self.subject(of: handle) }

    var isExpired: Bool { unsafe X509_cmp_current_time(X509_get0_notAfter(handle)) < 0 }

    /// "2027-02-28".
    var lastDay: String { unsafe Self.day(of: X509_get0_notAfter(handle)) }

    /// The certificates of a file, in its order.
    static func all(in file: TLSFile) throws(TLSError) -> [Certificate] {
        var certificates: [Certificate] = []
        let pem = PEMReader(file)
        while true {
            OpenSSLErrors.clear()
            guard let handle = unsafe PEM_read_bio_X509(pem.bio, nil, PEMReader.noPassword, nil) else { break }
            certificates.append(unsafe Certificate(owning: handle))
        }
        // "No start line" is how the end of the file looks, and a file without any.
        guard PEMReader.isEnd else {
            throw .unusable(kind: "certificate", file: file.name, reason: OpenSSLErrors.takeText())
        }
        OpenSSLErrors.clear()
        guard !certificates.isEmpty else { throw .missing(kind: "certificate", file: file.name) }
        return certificates
    }

    // MARK: Parts of certificates that OpenSSL owns

    static func subject(of certificate: OpaquePointer?) -> String {
        guard let memory = unsafe BIO_new(BIO_s_mem()) else { return "?" }
        defer { unsafe BIO_free(memory) }
        guard unsafe newsrpc_print_name(memory, X509_get_subject_name(certificate)) >= 0 else { return "?" }
        var start: UnsafeMutablePointer<CChar>?
        let count = unsafe newsrpc_memory_bytes(memory, &start)
        guard count > 0, let start = unsafe start else { return "(no name)" }
        // The memory BIO lives until the end of this function.
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
        return unsafe String(decoding: bytes, as: UTF8.self)
    }

    static func day(of time: UnsafePointer<ASN1_TIME>?) -> String {
        var parts = unsafe tm()
        guard unsafe ASN1_TIME_to_tm(time, &parts) == 1 else { return "?" }
        let (year, month, day) = unsafe (parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday)
        return "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
    }

    /// What a verified certificate says of its holder.
    static func identity(of certificate: OpaquePointer) -> PeerIdentity {
        unsafe PeerIdentity(
            commonName: commonName(of: certificate), dnsNames: alternativeNames(of: certificate, GEN_DNS),
            uris: alternativeNames(of: certificate, GEN_URI))
    }

    private static func commonName(of certificate: OpaquePointer) -> String? {
        let subject = unsafe X509_get_subject_name(certificate)
        var last: Int32 = -1
        while true {
            let next = unsafe X509_NAME_get_index_by_NID(subject, NID_commonName, last)
            guard next >= 0 else { break }
            last = next
        }
        guard last >= 0, let value = unsafe X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last)) else {
            return nil
        }
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = unsafe ASN1_STRING_to_UTF8(&bytes, value)
        guard count > 0, let bytes = unsafe bytes else {
            OpenSSLErrors.clear()
            return nil
        }
        defer { unsafe CRYPTO_free(bytes, #file, #line) }
        return unsafe text(UnsafeBufferPointer(start: bytes, count: Int(count)))
    }

    /// The subject alternative names of one type that is text: GEN_DNS or GEN_URI.
    static func alternativeNames(of certificate: OpaquePointer?, _ type: Int32) -> [String] {
        unsafe alternatives(of: certificate, type) { bytes in unsafe text(bytes) }
    }

    /// The subject alternative names that are IP addresses.
    static func addresses(of certificate: OpaquePointer?) -> [String] {
        unsafe alternatives(of: certificate, GEN_IPADD) { bytes in
            var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            let family = bytes.count == 4 ? AF_INET : AF_INET6
            guard bytes.count == 4 || bytes.count == 16,
                unsafe inet_ntop(family, bytes.baseAddress, &text, socklen_t(INET6_ADDRSTRLEN)) != nil
            else { return nil }
            return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    private static func alternatives(
        of certificate: OpaquePointer?, _ type: Int32, _ body: (UnsafeBufferPointer<UInt8>) -> String?
    ) -> [String] {
        let found = unsafe X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil)
        guard let found = unsafe found else {
            OpenSSLErrors.clear()
            return []
        }
        // X509_get_ext_d2i gives a GENERAL_NAMES for this extension, which is the caller's to free.
        let names = OpaquePointer(found)
        defer { unsafe GENERAL_NAMES_free(names) }
        return unsafe (0..<newsrpc_name_count(names)).compactMap { index in
            // Names of these types are all ASN.1 strings, kept in the same place.
            guard let name = unsafe newsrpc_name_at(names, index), unsafe name.pointee.type == type,
                let value = unsafe name.pointee.d.ia5, let start = unsafe ASN1_STRING_get0_data(value)
            else { return nil }
            return unsafe body(UnsafeBufferPointer(start: start, count: Int(ASN1_STRING_length(value))))
        }
    }

    /// `nil` for a name with a NUL or another control character: whoever wrote it wants to be taken for somebody else.
    private static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        let isPlain = unsafe bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        guard isPlain, !bytes.isEmpty else { return nil }
        return unsafe String(decoding: bytes, as: UTF8.self)
    }
}

/// A private key.
@safe final class PrivateKey {
    let handle: OpaquePointer

    init(in file: TLSFile) throws(TLSError) {
        OpenSSLErrors.clear()
        let pem = PEMReader(file)
        guard let handle = unsafe PEM_read_bio_PrivateKey(pem.bio, nil, PEMReader.noPassword, nil) else {
            // OpenSSL's error is "unsupported" in all three cases.
            guard pem.text.contains("PRIVATE KEY-----") else {
                throw OpenSSLErrors.cleared(.missing(kind: "private key", file: file.name))
            }
            if pem.text.contains("ENCRYPTED") { throw OpenSSLErrors.cleared(.encryptedKey(file: file.name)) }
            throw .unusable(kind: "private key", file: file.name, reason: OpenSSLErrors.takeText())
        }
        unsafe self.handle = handle
        OpenSSLErrors.clear()
    }

    deinit { unsafe EVP_PKEY_free(handle) }
}

extension OpenSSLErrors {
    /// `error`, after the queue that led to it was emptied.
    static func cleared(_ error: TLSError) -> TLSError {
        clear()
        return error
    }
}

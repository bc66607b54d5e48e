internal import COpenSSL

/// The content of a PEM file, and the name that errors call it by.
package struct TLSFile: Sendable {
    package var name: String
    package var bytes: [UInt8]

    package init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }
}

/// Reads PEM blocks one after the other out of a file's content.
@safe struct PEMReader: ~Copyable {
    let bio: OpaquePointer?
    private let file: TLSFile

    init(_ file: TLSFile) {
        self.file = file
        let bio = unsafe BIO_new(BIO_s_mem())
        // Copied into the BIO; a file of this kind is small.
        let count = Int32(clamping: file.bytes.count)
        if count > 0 { unsafe _ = BIO_write(bio, file.bytes, count) }
        unsafe self.bio = bio
    }

    deinit { unsafe BIO_free(bio) }

    var text: String { String(decoding: file.bytes, as: UTF8.self) }

    /// Instead of OpenSSL's own, which would ask at the terminal.
    static let noPassword:
        @convention(c) (
            UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?
        ) -> Int32 = { _, _, _, _ in -1 }

    /// Whether the last read failed because there is no further block.
    static var isEnd: Bool {
        let code = ERR_peek_last_error()
        return code == 0 || ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE
    }
}

#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// Reading and writing whole files.
enum GeneratorFiles {
    static func read(_ path: String) throws(GeneratorError) -> [UInt8] {
        guard let file = unsafe fopen(path, "rb") else { throw .unreadable(path) }
        defer { unsafe fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe fread(&piece, 1, piece.count, file)
            bytes += piece[..<count]
            if count < piece.count { break }
        }
        guard unsafe ferror(file) == 0 else { throw .unreadable(path) }
        return bytes
    }

    /// Makes the folders of `path` where they are missing.
    static func write(_ bytes: [UInt8], to path: String) throws(GeneratorError) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        for count in parts.indices.dropFirst() { _ = unsafe mkdir(parts[..<count].joined(separator: "/"), 0o777) }
        guard let file = unsafe fopen(path, "wb") else { throw .unwritable(path) }
        let written = unsafe fwrite(bytes, 1, bytes.count, file)
        guard unsafe fclose(file) == 0, written == bytes.count else { throw .unwritable(path) }
    }
}

internal import CLinux
#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// A data file as it is before LMDB maps it. Read with pread, so that no damage in it can end the process.
struct DataFile: ~Copyable {
    private let descriptor: Int32
    let path: String
    let byteCount: Int

    /// - Returns: `nil` when there is no file at the path.
    init?(_ path: String) throws(LMDBError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw LMDBError(code: errno, path: path)
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            let code = errno
            _ = close(descriptor)
            throw LMDBError(code: code, path: path)
        }
        self.descriptor = descriptor
        self.path = path
        byteCount = Int(status.st_size)
    }

    deinit { _ = close(descriptor) }

    /// Up to `count` bytes from `offset`; fewer at the end of the file.
    func read(at offset: Int, count: Int) throws(LMDBError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            // The buffer outlives the call, which writes at most the count that it is given.
            let got = unsafe bytes.withUnsafeMutableBytes { raw in
                unsafe pread(
                    descriptor, raw.baseAddress.map { unsafe $0 + filled }, count - filled, off_t(offset + filled))
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw LMDBError(code: errno, path: path) }
            if got == 0 { break }
            filled += got
        }
        bytes.removeLast(count - filled)
        return bytes
    }

    /// Gives a file the blocks that it will have, and makes it if need be. LMDB maps its file of locks and writes to
    /// it: where the disk is full, a block that is not there would end the process (SIGBUS).
    ///
    /// No environment may be open that the file belongs to: it would lose its locks.
    ///
    /// - Throws: `diskFull`.
    static func reserve(_ path: String, byteCount: Int) throws(LMDBError) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw LMDBError(code: errno, path: path) }
        defer { _ = close(descriptor) }
        // A file system that cannot do it is one more that this does not help.
        let code = newsrpc_reserve(descriptor, Int64(byteCount))
        if LMDBError(code: code) == .diskFull { throw .diskFull }
    }

    /// Whether there is room for another page behind a file's last. It is left there if so: what lies behind the pages
    /// that a meta page counts is none of the file's.
    ///
    /// - Returns: `true` as well when it cannot be told.
    static func canGrow(_ path: String) -> Bool {
        let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return true }
        defer { _ = close(descriptor) }
        let end = lseek(descriptor, 0, SEEK_END)
        let page = [UInt8](repeating: 0, count: 4096)
        // The page outlives the call.
        let written = unsafe page.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, end) }
        if written >= 0 { return written == page.count }
        return LMDBError(code: errno) != .diskFull
    }

    /// The meta page that holds. Both must be sound, since LMDB itself looks at both.
    func meta() throws(LMDBError) -> MetaPage {
        do throws(MetaPage.Flaw) {
            let first = try MetaPage(metaBytes(at: 0), at: 0)
            let second = try MetaPage(metaBytes(at: first.pageSize), at: 0)
            guard second.pageSize == first.pageSize, second.follows(first) else { throw .notMeta }
            return second.transaction > first.transaction ? second : first
        } catch {
            switch error {
            case .notMeta: throw .notLMDB(path)
            case .otherVersion: throw .versionMismatch(path)
            }
        }
    }

    /// The later of the meta pages that say something; `nil` when neither does.
    func anyMeta(usualPageSize: Int) -> MetaPage? {
        var found: MetaPage?
        for offset in [0, usualPageSize] {
            guard let bytes = try? read(at: offset, count: MetaPage.byteCount), let meta = try? MetaPage(bytes, at: 0),
                meta.transaction >= (found?.transaction ?? 0)
            else { continue }
            found = meta
        }
        return found
    }

    private func metaBytes(at offset: Int) throws(MetaPage.Flaw) -> [UInt8] {
        do { return try read(at: offset, count: MetaPage.byteCount) } catch { throw .notMeta }
    }

    /// Whether the file is as long as its meta page counts. A page beyond the end of a mapped file is a SIGBUS and not
    /// an error. A shorter file may be sound all the same, when its last transaction took pages and gave them back
    /// without ever writing them: then only a walk can tell.
    func isWhole() throws(LMDBError) -> Bool {
        let meta = try meta()
        let (needed, overflow) = (Int(clamping: meta.lastPage) &+ 1).multipliedReportingOverflow(by: meta.pageSize)
        return !overflow && needed <= byteCount
    }
}

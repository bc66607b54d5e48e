internal import CLMDB
#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// Why LMDB, or the system below it, refused.
package enum LMDBError: Error, Hashable, Sendable {
    // What happens to a sound store.

    /// The file has reached the size of its map, which is fixed when it is opened.
    case mapFull
    /// The disk, or the quota on it, is full.
    case diskFull
    /// More read transactions at one time than `readersMax`.
    case readersFull
    /// One transaction changed more pages than fit its list (131,071): it must be cut into smaller ones.
    case transactionFull
    /// More tables than the environment was opened for.
    case tablesFull
    /// The table does not exist and was not to be made.
    case tableMissing(String)
    /// The key or the value has a size that cannot be stored: keys have 1 to 511 bytes, values at least one.
    case badSize
    /// This process already has the environment open; a second handle would undo the first one's locks.
    case alreadyOpen(String)

    // What happens to a damaged file.

    /// The file is no LMDB file: its first pages are not meta pages.
    case notLMDB(String)
    /// The file was made by another version of LMDB's format.
    case versionMismatch(String)
    /// The file ends before the last page that its meta page counts, so reading it would end the process.
    case truncated(String, byteCount: Int, needed: Int)
    /// A page is of another kind than its place asks for.
    case corrupted
    /// A page number points outside the file.
    case pageMissing

    // What the operating system did.

    /// The file or its directory cannot be written.
    case notWritable(String)
    /// The file or directory does not exist.
    case notFound(String)
    /// The process, or the system, has as many files open as it may.
    case tooManyOpenFiles
    /// Writing a meta page failed earlier. Nothing can be done with the environment but to close it.
    case poisoned
    /// Any other failure of a system call, with its errno.
    case system(code: Int32)

    // What only a mistake in this program brings about: it is reported, so that the shard and not the process ends.

    /// A transaction was used after an error in it, or in a way that its kind does not allow.
    case misuse(code: Int32)

    /// - Parameter path: what was being opened, for the cases that name it.
    init(code: Int32, path: String = "") {
        self =
            switch code {
            case MDB_MAP_FULL: .mapFull
            case ENOSPC, EDQUOT, EFBIG: .diskFull
            case EMFILE, ENFILE: .tooManyOpenFiles
            case MDB_READERS_FULL: .readersFull
            case MDB_TXN_FULL: .transactionFull
            case MDB_DBS_FULL: .tablesFull
            case MDB_BAD_VALSIZE: .badSize
            case MDB_INVALID: .notLMDB(path)
            case MDB_VERSION_MISMATCH: .versionMismatch(path)
            case MDB_CORRUPTED, MDB_PAGE_FULL, MDB_CURSOR_FULL: .corrupted
            case MDB_PAGE_NOTFOUND: .pageMissing
            case MDB_PANIC: .poisoned
            case EACCES, EPERM, EROFS: .notWritable(path)
            case ENOENT, ENOTDIR: .notFound(path)
            case MDB_KEYEXIST, MDB_NOTFOUND, MDB_BAD_TXN, MDB_BAD_RSLOT, MDB_BAD_DBI, MDB_INCOMPATIBLE, MDB_MAP_RESIZED,
                EINVAL:
                .misuse(code: code)
            default: .system(code: code)
            }
    }

    /// Whether the file itself is damaged, in place of the disk being full or the call wrong.
    package var isDamage: Bool {
        switch self {
        case .notLMDB, .versionMismatch, .truncated, .corrupted, .pageMissing: true
        case .mapFull, .diskFull, .readersFull, .transactionFull, .tablesFull, .tableMissing, .badSize, .alreadyOpen,
            .notWritable, .notFound, .tooManyOpenFiles, .poisoned, .system, .misuse:
            false
        }
    }
}

extension LMDBError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .mapFull: "the file has reached the size of its map"
        case .diskFull: "the disk is full"
        case .readersFull: "too many readers at one time"
        case .transactionFull: "the transaction changes too many pages"
        case .tablesFull: "too many tables"
        case .tableMissing(let name): "there is no table \(name)"
        case .badSize: "a key or value has a size that cannot be stored"
        case .alreadyOpen(let path): "\(path) is already open in this process"
        case .notLMDB(let path): "\(path) is not an LMDB file, or its meta pages are damaged"
        case .versionMismatch(let path): "\(path) has another version of LMDB's format"
        case .truncated(let path, let byteCount, let needed):
            "\(path) has \(byteCount) bytes where its meta page counts \(needed): it was cut"
        case .corrupted: "a page is of the wrong kind"
        case .pageMissing: "a page number points outside the file"
        case .notWritable(let path): "\(path) cannot be written"
        case .notFound(let path): "\(path) does not exist"
        case .tooManyOpenFiles: "too many files are open"
        case .poisoned: "an earlier write of a meta page failed"
        case .system(let code), .misuse(let code): LMDBError.text(of: code)
        }
    }

    /// LMDB's words, or the system's.
    private static func text(of code: Int32) -> String {
        // A static text, or for system errors one that strerror keeps until its next call in this thread.
        guard let text = unsafe mdb_strerror(code) else { return "error \(code)" }
        return unsafe "\(String(cString: text)) (\(code))"
    }
}

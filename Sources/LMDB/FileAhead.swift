internal import CLMDB
internal import Synchronization
#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// Keeps blocks behind the last page of a file to which little is written at a time.
///
/// A flush of blocks that the file has already needs no commit of the file system's journal, and takes a third less
/// time than one of a file that has grown. What lies behind the pages that a meta page counts is none of the file's:
/// LMDB writes each page whole before it counts it.
final class FileAhead: Sendable {
    /// A commit that adds more than this many pages is no small one: it shares its flushes with much else.
    private static let growthMax = 16
    /// Pages that are written ahead at a time, to a file that has as many.
    private static let pageCount = 64

    /// Pages that the file had after its last commit, and those that it has blocks for.
    private let known: Mutex<(used: Int, written: Int)>

    /// - Parameter environment: Has just been opened.
    init(_ environment: OpaquePointer) {
        known = Mutex((0, 0))
        guard let state = unsafe FileState(environment) else { return }
        var status = stat()
        let byteCount = unsafe fstat(state.descriptor, &status) == 0 ? Int(status.st_size) : 0
        known.withLock { $0 = (state.used, byteCount / state.pageSize) }
    }

    /// To be called after a commit, by whoever made it. When nothing can be written ahead, the next commit will tell
    /// why.
    func keep(_ environment: OpaquePointer) {
        guard let state = unsafe FileState(environment) else { return }
        let start = known.withLock { known -> Int? in
            let growth = state.used - known.used
            known = (state.used, max(known.written, state.used))
            guard growth <= Self.growthMax, known.written - state.used < Self.growthMax,
                state.used >= Self.pageCount
            else { return nil }
            return known.written
        }
        guard let start else { return }
        let bytes = [UInt8](repeating: 0, count: Self.pageCount * state.pageSize)
        // The bytes outlive the call, and the environment its descriptor.
        let count = unsafe bytes.withUnsafeBytes {
            unsafe pwrite(state.descriptor, $0.baseAddress, $0.count, start * state.pageSize)
        }
        if count > 0 { known.withLock { $0.written = max($0.written, start + count / state.pageSize) } }
    }
}

/// What LMDB says of an environment's file, from memory.
private struct FileState {
    /// Pages that the last commit counts.
    let used: Int
    let pageSize: Int
    let descriptor: Int32

    init?(_ environment: OpaquePointer) {
        var info = unsafe MDB_envinfo()
        var statistics = MDB_stat()
        var descriptor: Int32 = -1
        guard unsafe mdb_env_info(environment, &info) == MDB_SUCCESS,
            unsafe mdb_env_stat(environment, &statistics) == MDB_SUCCESS,
            unsafe mdb_env_get_fd(environment, &descriptor) == MDB_SUCCESS
        else { return nil }
        unsafe used = info.me_last_pgno + 1
        pageSize = Int(statistics.ms_psize)
        self.descriptor = descriptor
    }
}

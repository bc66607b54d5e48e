internal import CLMDB
internal import CLinux
#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// Notes which environment's file a SIGSEGV, a SIGBUS or a failed assertion of LMDB was about, before it ends the
/// process: LMDB's pages have no checksums, so damage in them can lead anywhere.
package enum FaultNotes {
    /// Begins to append the path of the file to `path`, which is made now: a process that is ending can make nothing.
    ///
    /// It holds for the whole process, so it is for programs and not for libraries.
    package static func begin(_ path: String) throws(LMDBError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw LMDBError(code: errno, path: path) }
        guard unsafe newsrpc_note_faults(descriptor, "/data.mdb") == 0 else {
            throw LMDBError(code: errno, path: path)
        }
    }

    /// Notes no more. The file stays.
    package static func end() { _ = unsafe newsrpc_note_faults(-1, "") }

    /// LMDB calls it before it ends the process, with the environment and the assertion that failed.
    static func watchAssertions(of environment: OpaquePointer) {
        _ = unsafe mdb_env_set_assert(environment) { environment, _ in
            var path: UnsafePointer<CChar>?
            // The path belongs to the environment, which is still there.
            guard let environment = unsafe environment, unsafe mdb_env_get_path(environment, &path) == MDB_SUCCESS
            else { return }
            unsafe newsrpc_note_fault(path)
        }
    }
}

/// Says, until it ends, that this thread is working on an environment's pages, or on copies of them.
@safe struct FaultMark {
    private let earlier: UnsafePointer<CChar>?

    @inline(__always) init(_ environment: Environment) {
        // The path belongs to the environment, which outlasts its transactions.
        unsafe earlier = newsrpc_set_file_in_use(environment.path)
    }

    @inline(__always) func end() { _ = unsafe newsrpc_set_file_in_use(earlier) }
}

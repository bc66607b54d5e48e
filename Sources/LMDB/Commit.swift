internal import CLMDB
#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// Ends a transaction by its commit, and tells a full disk from what else can be wrong.
///
/// A disk that fills up within a write makes it a short one, which LMDB 0.9.24 calls EIO: that is `diskFull` too, if
/// the file can indeed not grow.
///
/// - Parameter transaction: LMDB has freed it afterwards, whatever came of the commit.
/// - Returns: `nil` when it is committed.
func commit(_ transaction: OpaquePointer, in directory: String) -> LMDBError? {
    errno = 0
    let code = unsafe mdb_txn_commit(transaction)
    if code == MDB_SUCCESS { return nil }
    // No call of the system failed with it, so it is LMDB's word for a short write.
    let isShortWrite = code == EIO && errno != EIO
    if isShortWrite, !DataFile.canGrow(directory + "/data.mdb") { return .diskFull }
    return LMDBError(code: code)
}

/// The file of an environment as its last transaction left it, for a copy that is made while others write on.
///
/// LMDB writes no page that a reader's view leads to, so those stay in the file as they were. Pages that are free in
/// the view may be written meanwhile: nothing leads to them in the copy. The meta pages are written by every commit,
/// and are kept here.
package final class FileView: Sendable {
    /// Bytes of the file that belong to the view.
    package let byteCount: Int
    /// Number of the last transaction that it shows.
    package let transaction: UInt64
    private let reader: SharedReader
    private let file: DataFile
    private let path: String
    private let head: [UInt8]

    /// - Parameter environment: Nobody may commit to it until this has returned.
    package init(_ environment: Environment) throws(LMDBError) {
        path = environment.directory + "/data.mdb"
        guard let file = try DataFile(path) else { throw .notFound(path) }
        reader = try SharedReader(environment)
        let meta = try file.meta()
        // A meta page that LMDB does not use is one that it failed to write.
        guard let number = try reader.refresh(), number == meta.transaction else { throw .poisoned }
        transaction = number
        head = try file.read(at: 0, count: 2 * meta.pageSize)
        // The file may end before the last page, when that was taken and given back by one transaction.
        byteCount = min((Int(clamping: meta.lastPage) + 1) * meta.pageSize, file.byteCount)
        self.file = file
    }

    /// Up to `count` bytes from `offset`, as many as there are before the view's end.
    ///
    /// - Returns: `nil` when the view has been ended.
    package func read(at offset: Int, count: Int) throws(LMDBError) -> [UInt8]? {
        precondition(offset >= 0 && offset <= byteCount, "a place in the file")
        let end = min(byteCount, offset + count)
        if offset < head.count { return Array(head[offset..<min(end, head.count)]) }
        var bytes: [UInt8] = []
        let isHeld = try reader.read { (_) throws(LMDBError) in bytes = try file.read(at: offset, count: end - offset) }
        guard isHeld else { return nil }
        guard bytes.count == end - offset else {
            throw .truncated(path, byteCount: offset + bytes.count, needed: byteCount)
        }
        return bytes
    }

    /// Gives the view up, so that its pages can be used again.
    package func end() { reader.end() }
}

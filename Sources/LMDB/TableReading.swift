/// What can be read in transactions of either kind.
package protocol TableReading: ~Copyable {
    /// Lends the stored bytes to `body`. No copy is made.
    ///
    /// - Returns: `false` when the key is absent; `body` is not called then.
    borrowing func withValue(
        of key: Span<UInt8>, in table: Table, _ body: (Span<UInt8>) -> Void
    ) throws(LMDBError) -> Bool

    /// Lends a cursor on the table to `body`.
    borrowing func withCursor(
        in table: Table, _ body: (inout Cursor) throws(LMDBError) -> Void
    ) throws(LMDBError)
}

extension ReadTransaction: TableReading {}
extension WriteTransaction: TableReading {}

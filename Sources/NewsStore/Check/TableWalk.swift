internal import LMDB

/// An entry of a table, copied.
struct Entry {
    let key: [UInt8]
    let value: [UInt8]
}

extension TableReading where Self: ~Copyable {
    /// Calls `body` with every entry of the table, in the order of the keys.
    borrowing func walk(_ table: Table, _ body: (Entry) throws(LMDBError) -> Void) throws(LMDBError) {
        try withCursor(in: table) { (cursor) throws(LMDBError) in
            var stands = try cursor.move(.first)
            while stands {
                var entry: Entry?
                cursor.withEntry { entry = Entry(key: Array($0), value: Array($1)) }
                if let entry { try body(entry) }
                stands = try cursor.move(.next)
            }
        }
    }

    /// A copy of what is stored under the key; `nil` when it is absent.
    borrowing func copy(_ key: [UInt8], in table: Table) throws(LMDBError) -> [UInt8]? {
        var copy: [UInt8]?
        _ = try withValue(of: key.span, in: table) { copy = Array($0) }
        return copy
    }
}

/// Whether the store could have made the key: printable ASCII throughout.
func isPrintable(_ key: [UInt8]) -> Bool { key.allSatisfy { (0x21...0x7E).contains($0) } }

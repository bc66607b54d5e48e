/// HMAC with SHA-256 (RFC 2104), which tells our page tokens from made-up ones.
package enum HMAC {
    /// The 32 bytes of the code of `message` under `key`, of any length.
    package static func code(of message: [UInt8], key: [UInt8]) -> [UInt8] {
        let blockCount = 64
        var padded = key.count > blockCount ? SHA256.hash(key) : key
        padded += repeatElement(0, count: blockCount - padded.count)
        var inner = SHA256()
        inner.update(padded.map { $0 ^ 0x36 })
        inner.update(message)
        var outer = SHA256()
        outer.update(padded.map { $0 ^ 0x5c })
        outer.update(inner.finish())
        return outer.finish()
    }

    /// Compares two codes in a time that does not tell where they differ.
    package static func areEqual(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for (a, b) in zip(left, right) { difference |= a ^ b }
        return difference == 0
    }
}

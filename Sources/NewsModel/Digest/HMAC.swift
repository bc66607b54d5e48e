/// HMAC with SHA-256 (RFC 2104), which tells our page tokens from made-up ones.
///
/// Keeps what the key alone decides, so that a code takes two blocks less.
package struct HMAC: Sendable {
    private let inner: SHA256
    private let outer: SHA256

    /// - Parameter key: Of any length; 32 bytes are as strong as the hash.
    package init(key: [UInt8]) {
        let blockCount = 64
        var padded = key.count > blockCount ? SHA256.hash(key) : key
        padded += repeatElement(0, count: blockCount - padded.count)
        var inner = SHA256()
        inner.update(padded.map { $0 ^ 0x36 })
        self.inner = inner
        var outer = SHA256()
        outer.update(padded.map { $0 ^ 0x5c })
        self.outer = outer
    }

    /// The 32 bytes of the code of `message`.
    package func code(of message: Span<UInt8>) -> [UInt8] {
        var inner = inner
        inner.update(message)
        var outer = outer
        outer.update(inner.finish())
        return outer.finish()
    }

    package func code(of message: [UInt8]) -> [UInt8] { code(of: message.span) }

    /// Compares two codes in a time that does not tell where they differ.
    package static func areEqual(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for (a, b) in zip(left, right) { difference |= a ^ b }
        return difference == 0
    }
}

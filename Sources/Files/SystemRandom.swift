#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// Random bytes for secrets, from the kernel (getrandom(2)).
package enum SystemRandom {
    /// - Parameter count: at most 256, what getentropy(3) gives in one call.
    package static func bytes(_ count: Int) -> [UInt8] {
        precondition((0...256).contains(count), "a secret has at most 256 bytes")
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            // The buffer has room for `count` bytes. It waits until the kernel's source is seeded, and fails only where
            // there is none, which no Linux since 3.17 is.
            let code = count == 0 ? 0 : unsafe getentropy(buffer.baseAddress, count)
            precondition(code == 0, "the kernel has no random source")
            initialized = count
        }
    }
}

package import Files

/// Damage to files, as a failing disk does it.
package enum ByteFaults {
    /// Inverts the bits of `mask` in the byte at `offset`.
    package static func flip(_ path: String, at offset: Int, mask: UInt8 = 0x01) throws(FileError) {
        var bytes = try FileSystem.read(path)
        bytes[offset] ^= mask
        try FileSystem.writeAtomically(path, bytes)
    }

    /// Every place where `needle` begins in the file.
    package static func offsets(of needle: [UInt8], in path: String) throws(FileError) -> [Int] {
        let bytes = try FileSystem.read(path)
        guard let first = needle.first, bytes.count >= needle.count else { return [] }
        var offsets: [Int] = []
        for start in 0...(bytes.count - needle.count) where bytes[start] == first {
            if bytes[start..<(start + needle.count)].elementsEqual(needle) { offsets.append(start) }
        }
        return offsets
    }

    /// Cuts the file to its first `count` bytes.
    package static func truncate(_ path: String, to count: Int) throws(FileError) {
        let bytes = try FileSystem.read(path)
        try FileSystem.writeAtomically(path, Array(bytes.prefix(count)))
    }
}

/// The block before each file of an archive: POSIX ustar, as tar(1) reads and writes it.
///
///       0  name      100    124  size      12    257  "ustar", 0, "00"   8
///     100  mode        8    136  time      12    265  owner, group names 32 each
///     108  owner       8    148  checksum   8    345  prefix of the name 155
///     116  group       8    156  type       1
///
/// Numbers are octal digits; a size of 8 GiB or more is binary, with the first bit set, which GNU tar and others know.
struct TarHeader: Equatable {
    enum Kind: Equatable { case file, folder }

    enum Fault: Error, Equatable {
        case notATar
        /// A link, a device, or a header of another format.
        case kind(UInt8)
    }

    var name: String
    var byteCount: Int
    /// Seconds since 1970.
    var time: Int64 = 0
    var kind = Kind.file

    static let blockCount = 512
    private static let nameCountMax = 100
    private static let octalMax = 0o77_777_777_777

    /// Zeroes that fill the last block of a file.
    static func paddingCount(_ byteCount: Int) -> Int { (blockCount - byteCount % blockCount) % blockCount }

    var bytes: [UInt8] {
        precondition(name.utf8.count < TarHeader.nameCountMax, "names of parts are short")
        var block = [UInt8](repeating: 0, count: TarHeader.blockCount)
        func put(_ text: String, at offset: Int) {
            block.replaceSubrange(offset..<(offset + text.utf8.count), with: text.utf8)
        }
        func octal(_ value: Int, _ width: Int) -> String {
            let digits = String(value, radix: 8)
            return String(repeating: "0", count: width - digits.count) + digits
        }
        put(name, at: 0)
        put(octal(0o600, 7), at: 100)
        put(octal(0, 7), at: 108)
        put(octal(0, 7), at: 116)
        if byteCount <= TarHeader.octalMax {
            put(octal(byteCount, 11), at: 124)
        } else {
            block[124] = 0x80
            for index in 0..<8 { block[128 + index] = UInt8(truncatingIfNeeded: byteCount >> (56 - 8 * index)) }
        }
        put(octal(Int(min(max(0, time), Int64(TarHeader.octalMax))), 11), at: 136)
        put(kind == .file ? "0" : "5", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        put(octal(TarHeader.sum(block), 6), at: 148)
        block[155] = UInt8(ascii: " ")
        return block
    }

    /// - Returns: `nil` for a block of zeroes, two of which end an archive.
    init?(_ block: [UInt8]) throws(Fault) {
        guard block.count == TarHeader.blockCount else { throw .notATar }
        if block.allSatisfy({ $0 == 0 }) { return nil }
        guard block[257..<262].elementsEqual("ustar".utf8),
            TarHeader.number(block[148..<156]) == TarHeader.sum(block),
            let byteCount = TarHeader.number(block[124..<136]), byteCount >= 0,
            let time = TarHeader.number(block[136..<148])
        else { throw .notATar }
        switch block[156] {
        case UInt8(ascii: "0"), 0: kind = .file
        case UInt8(ascii: "5"): kind = .folder
        default: throw .kind(block[156])
        }
        self.byteCount = byteCount
        self.time = Int64(time)
        let prefix = block[257 + 6] == UInt8(ascii: " ") ? "" : TarHeader.text(block[345..<500])
        name = (prefix.isEmpty ? "" : prefix + "/") + TarHeader.text(block[0..<100])
    }

    init(name: String, byteCount: Int, time: Int64) {
        (self.name, self.byteCount, self.time) = (name, byteCount, time)
    }

    /// Of all bytes, those of the checksum taken for spaces.
    private static func sum(_ block: [UInt8]) -> Int {
        block.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 0x20 : Int($1.element)) }
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }

    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        guard let first = field.first else { return nil }
        if first == 0x80 {
            guard field.dropFirst().dropLast(8).allSatisfy({ $0 == 0 }) else { return nil }
            return Int(exactly: field.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        }
        let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
        return Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }
}

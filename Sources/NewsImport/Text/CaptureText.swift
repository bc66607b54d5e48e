/// Why a capture was refused.
package enum CaptureError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nothing but white space, if that.
    case empty
    /// The bytes are not UTF-8. `line` counts from 1, `offset` is in bytes from 0.
    case notUTF8(line: Int, offset: Int)
    /// U+0000, which no text of the service may hold.
    case holdsNUL(line: Int, offset: Int)

    package var description: String {
        switch self {
        case .empty: "the capture holds no text"
        case .notUTF8(let line, let offset): "line \(line): not UTF-8 (byte \(offset))"
        case .holdsNUL(let line, let offset): "line \(line): U+0000 (byte \(offset))"
        }
    }
}

/// A capture's characters and where its lines lie.
struct CaptureText {
    /// The whole text without a byte order mark. Offsets of text issues count in it.
    let scalars: [Unicode.Scalar]
    /// The lines without what ends them (LF, CR LF or CR).
    let lines: [Range<Int>]

    init(_ content: Span<UInt8>) throws(CaptureError) {
        scalars = try CaptureText.decode(content)
        var lines: [Range<Int>] = []
        var start = 0
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            if scalar == "\n" || scalar == "\r" {
                lines.append(start..<index)
                if scalar == "\r", index + 1 < scalars.count, scalars[index + 1] == "\n" { index += 1 }
                start = index + 1
            }
            index += 1
        }
        if start < scalars.count { lines.append(start..<scalars.count) }
        self.lines = lines
    }

    /// Decodes UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
    private static func decode(_ bytes: Span<UInt8>) throws(CaptureError) -> [Unicode.Scalar] {
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(bytes.count / 2 + 16)
        var line = 1
        var index = 0
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { index = 3 }
        while index < bytes.count {
            let lead = bytes[index]
            if lead < 0x80 {
                if lead == 0 { throw .holdsNUL(line: line, offset: index) }
                if lead == 0x0A { line += 1 }
                scalars.append(Unicode.Scalar(lead))
                index += 1
                continue
            }
            guard let (scalar, count) = sequence(in: bytes, at: index) else {
                throw .notUTF8(line: line, offset: index)
            }
            scalars.append(scalar)
            index += count
        }
        return scalars
    }

    /// The character of two to four bytes that begins at `index`.
    private static func sequence(in bytes: Span<UInt8>, at index: Int) -> (Unicode.Scalar, Int)? {
        let lead = bytes[index]
        let (count, least): (Int, UInt32) =
            switch lead {
            case 0xC2...0xDF: (2, 0x80)
            case 0xE0...0xEF: (3, 0x800)
            case 0xF0...0xF4: (4, 0x10000)
            default: (0, 0)
            }
        guard count > 0, bytes.count - index >= count else { return nil }
        var value = UInt32(lead) & (0xFF >> UInt32(count + 1))
        for offset in 1..<count {
            let next = bytes[index + offset]
            guard next & 0xC0 == 0x80 else { return nil }
            value = value << 6 | UInt32(next & 0x3F)
        }
        guard value >= least, let scalar = Unicode.Scalar(value) else { return nil }
        return (scalar, count)
    }
}

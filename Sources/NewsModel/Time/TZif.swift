/// Why the bytes of a zone could not be used.
package enum ZoneError: Error, Equatable, Sendable {
    /// They do not begin with "TZif".
    case notTZif
    case unknownVersion(UInt8)
    /// They end before what their header promises.
    case truncated
    /// A count, index, order or offset breaks RFC 9636; the text says which.
    case malformed(String)
    /// Zones of the "right" kind count leap seconds, which UTC instants here do not.
    case countsLeapSeconds
}

/// The content of a TZif file (RFC 9636, section 3).
///
///     header 44 bytes, data block of 32-bit times          version 1 ends here
///     header 44 bytes, data block of 64-bit times, footer  versions 2 to 4
struct TZif {
    /// Seconds since 1970 UTC, ascending.
    var transitions: [Int64] = []
    /// The offset, seconds east of UTC, from each transition on.
    var offsets: [Int] = []
    /// The offset before the first transition.
    var firstOffset = 0
    /// The rule after the last transition.
    var footer: POSIXZone?

    init(_ bytes: [UInt8]) throws(ZoneError) {
        var reader = Reader(bytes: bytes)
        let first = try Header(&reader)
        guard first.version >= 2 else {
            try readData(first, timeSize: 4, &reader)
            return
        }
        try reader.skip(first.dataCount(timeSize: 4))
        let second = try Header(&reader)
        guard second.version == first.version else { throw .malformed("the two headers differ in their version") }
        try readData(second, timeSize: 8, &reader)
        try readFooter(&reader)
    }

    private struct Header {
        let version: UInt8
        let utcIndicators, standardIndicators, leapSeconds, transitions, types, nameBytes: Int

        init(_ reader: inout Reader) throws(ZoneError) {
            guard try reader.bytes(4) == Array("TZif".utf8)[...] else { throw .notTZif }
            let mark = try reader.bytes(1)[reader.offset - 1]
            switch mark {
            case 0: version = 1
            case UInt8(ascii: "2")...UInt8(ascii: "4"): version = mark - UInt8(ascii: "0")
            default: throw .unknownVersion(mark)
            }
            try reader.skip(15)
            utcIndicators = try Int(reader.integer(4))
            standardIndicators = try Int(reader.integer(4))
            leapSeconds = try Int(reader.integer(4))
            transitions = try Int(reader.integer(4))
            types = try Int(reader.integer(4))
            nameBytes = try Int(reader.integer(4))
            for count in [utcIndicators, standardIndicators, leapSeconds, transitions, types, nameBytes] {
                guard count >= 0 else { throw .malformed("a count is above 2^31 - 1") }
            }
            guard types != 0 else { throw .malformed("there is no local time type") }
        }

        func dataCount(timeSize: Int) -> Int {
            transitions * (timeSize + 1) + types * 6 + nameBytes + leapSeconds * (timeSize + 4)
                + standardIndicators + utcIndicators
        }
    }

    private mutating func readData(_ header: Header, timeSize: Int, _ reader: inout Reader) throws(ZoneError) {
        guard header.leapSeconds == 0 else { throw .countsLeapSeconds }
        guard reader.remaining >= header.dataCount(timeSize: timeSize) else { throw .truncated }
        for _ in 0..<header.transitions {
            let time = try reader.integer(timeSize)
            guard transitions.last.map({ $0 < time }) ?? true else { throw .malformed("transitions do not ascend") }
            transitions.append(time)
        }
        let indices = try reader.bytes(header.transitions)
        var types: [Int] = []
        for _ in 0..<header.types {
            let offset = try Int(reader.integer(4))
            try reader.skip(2)
            // RFC 9636, section 3.2: at most 25 h west and 26 h east in practice.
            guard abs(offset) < 26 * 3600 else { throw .malformed("an offset from UTC exceeds 26 hours") }
            types.append(offset)
        }
        firstOffset = types[0]
        for index in indices {
            guard index < types.count else { throw .malformed("a transition has an unknown type") }
            offsets.append(types[Int(index)])
        }
        try reader.skip(header.nameBytes + header.standardIndicators + header.utcIndicators)
    }

    /// A rule between two newlines; empty: the last offset holds for ever.
    private mutating func readFooter(_ reader: inout Reader) throws(ZoneError) {
        let newline = UInt8(ascii: "\n")
        guard try reader.bytes(1).first == newline else { throw .malformed("the footer does not begin with a newline") }
        var text: [UInt8] = []
        while true {
            guard let byte = try reader.bytes(1).first else { throw .truncated }
            if byte == newline { break }
            text.append(byte)
        }
        guard !text.isEmpty else { return }
        guard let rule = POSIXZone(text) else { throw .malformed("the footer is not a POSIX TZ rule") }
        footer = rule
    }

    private struct Reader {
        let bytes: [UInt8]
        var offset = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        var remaining: Int { bytes.count - offset }

        mutating func skip(_ count: Int) throws(ZoneError) { _ = try bytes(count) }

        mutating func bytes(_ count: Int) throws(ZoneError) -> ArraySlice<UInt8> {
            guard count <= remaining else { throw .truncated }
            defer { offset += count }
            return bytes[offset..<(offset + count)]
        }

        /// A signed number of four or eight bytes in network order.
        mutating func integer(_ size: Int) throws(ZoneError) -> Int64 {
            var value: UInt64 = 0
            for byte in try bytes(size) { value = value << 8 | UInt64(byte) }
            return size == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
        }
    }
}

import NewsImport

/// Damages pages as the software of some sites does, on bytes, so that repairs can be tested on any text.
///
/// A page is in GBK. Behind every occurrence of a listed character its reading is put, and in front of every occurrence
/// of listed full-width punctuation a question mark; occurrences are sought byte by byte, so they may lie across two
/// characters. Then the page is decoded: a pair that can't be one gives `?`, one that is not assigned gives nothing.
struct PageSoftware {
    var readings: [(character: Unicode.Scalar, reading: String)]
    var punctuation = "！？；"

    func damage(_ text: String) -> String {
        var bytes = encode(text)
        for (character, reading) in readings {
            let sought = encode(String(character))
            bytes = replace(sought, in: bytes, by: sought + encode("(\(reading))"))
        }
        for mark in punctuation {
            let sought = encode(String(mark))
            bytes = replace(sought, in: bytes, by: [UInt8(ascii: "?")] + sought)
        }
        return decode(bytes)
    }

    private func encode(_ text: String) -> [UInt8] {
        text.unicodeScalars.flatMap { scalar -> [UInt8] in
            if scalar.isASCII { return [UInt8(scalar.value)] }
            return GBK.pair(scalar).map { [$0.lead, $0.trail] } ?? []
        }
    }

    private func replace(_ sought: [UInt8], in bytes: [UInt8], by replacement: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        guard let first = sought.first else { return bytes }
        result.reserveCapacity(bytes.count + 256)
        while index < bytes.count {
            if bytes[index] == first, bytes[index...].starts(with: sought) {
                result += replacement
                index += sought.count
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }

    private func decode(_ bytes: [UInt8]) -> String {
        var result = String.UnicodeScalarView()
        var index = 0
        while index < bytes.count {
            let lead = bytes[index]
            if lead < 0x80 {
                result.append(Unicode.Scalar(lead))
                index += 1
            } else if index + 1 < bytes.count, 0x81...0xFE ~= lead, 0x40...0xFE ~= bytes[index + 1],
                bytes[index + 1] != 0x7F
            {
                if let scalar = GBK.scalar(lead: lead, trail: bytes[index + 1]) { result.append(scalar) }
                index += 2
            } else {
                result.append("?")
                index += 2
            }
        }
        return String(result)
    }
}

/// Full-width ASCII, as pages have it and as captures narrow it.
enum Width {
    static func narrowed(_ text: String) -> String { mapped(text) { 0xFF01...0xFF5E ~= $0 ? $0 - 0xFEE0 : $0 } }

    /// Widens what stands for full-width punctuation in the texts of the tests.
    static func widened(_ text: String) -> String {
        mapped(text) { value in
            Unicode.Scalar(value).map { ",:;()+".unicodeScalars.contains($0) } ?? false ? value + 0xFEE0 : value
        }
    }

    private static func mapped(_ text: String, _ change: (UInt32) -> UInt32) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { result.append(Unicode.Scalar(change(scalar.value)) ?? scalar) }
        return String(result)
    }
}

/// The sample's own list, in the order in which its characters first stand there.
func readingsOfSample() throws -> [(character: Unicode.Scalar, reading: String)] {
    let article = try CaptureReader.read(try Fixture.sample(DamagedSampleTests.name + ".txt")).main
    var seen: Set<Unicode.Scalar> = []
    return (article?.issues ?? []).filter { $0.kind == .gloss }.compactMap { issue in
        guard let character = issue.replacement.unicodeScalars.first, seen.insert(character).inserted else {
            return nil
        }
        return (character, String(issue.raw.dropFirst(2).dropLast()))
    }
}

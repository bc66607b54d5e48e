/// What is known of single Han characters: script, reading, frequency.
enum Han {
    /// A letter of a reading in the pages' glosses, packed into a number: at most seven letters.
    struct Syllable: Hashable {
        private(set) var packed: UInt64 = 0
        private(set) var letterCount = 0
        private(set) var markCount = 0

        /// The longest reading is six letters long ("zhuāng"), with room for one more.
        static let lettersMax = 7

        /// - Returns: `false` when readings have no such letter, or there are too many.
        mutating func append(_ scalar: Unicode.Scalar) -> Bool {
            guard let letter = Self.letter(scalar), letterCount < Self.lettersMax else { return false }
            packed = packed << 8 | UInt64(letter.code)
            letterCount += 1
            if letter.isMarked { markCount += 1 }
            return true
        }

        private static func letter(_ scalar: Unicode.Scalar) -> (code: UInt8, isMarked: Bool)? {
            switch scalar {
            case "a"..."z": return (UInt8(scalar.value), false)
            case "\u{261}": return (UInt8(ascii: "g"), false)  // The pages' fonts have a script g.
            case "ü": return (0x7F, false)
            default: break
            }
            guard let index = marked.firstIndex(of: scalar) else { return nil }
            return (0x80 + UInt8(index), true)
        }

        private static let marked = Array("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ".unicodeScalars)
    }

    private struct Readings {
        var all: [UInt64: [UInt16]] = [:]
    }

    private static let readings: Readings = {
        var result = Readings()
        var syllable = Syllable()
        var characters: [UInt16] = []
        func close() {
            if !characters.isEmpty { result.all[syllable.packed] = characters.sorted() }
            syllable = Syllable()
            characters = []
        }
        for scalar in PinyinTable.text.unicodeScalars {
            if scalar.isHan {
                characters.append(UInt16(truncatingIfNeeded: scalar.value))
            } else {
                if !characters.isEmpty { close() }
                _ = syllable.append(scalar)
            }
        }
        close()
        return result
    }()

    /// The characters that have a reading, in code point order; empty when there is no such reading.
    static func characters(reading syllable: Syllable) -> [UInt16] { readings.all[syllable.packed] ?? [] }

    static func has(_ scalar: Unicode.Scalar, reading syllable: Syllable) -> Bool {
        guard scalar.value < 0x10000, let characters = readings.all[syllable.packed] else { return false }
        var low = 0
        var high = characters.count
        while low < high {
            let middle = (low + high) / 2
            if UInt32(characters[middle]) < scalar.value { low = middle + 1 } else { high = middle }
        }
        return low < characters.count && UInt32(characters[low]) == scalar.value
    }

    /// Indexed by code point: the simplified form in `form`, and in `script` 1 (traditional only), 2 (simplified only)
    /// or 3 (a rare traditional variant).
    private static let scripts: (form: [UInt16], script: [UInt8]) = {
        var form = [UInt16](repeating: 0, count: 0x10000)
        var script = [UInt8](repeating: 0, count: 0x10000)
        let sections = ScriptPairs.text.unicodeScalars.map { Int($0.value) }
            .split(separator: 0x2E, omittingEmptySubsequences: false)
        var traditional: Int?
        for value in sections[0] {
            if let key = traditional {
                form[key] = UInt16(truncatingIfNeeded: value)
                script[key] = 1
                traditional = nil
            } else {
                traditional = value
            }
        }
        for value in sections[1] { script[value] = 2 }
        for value in sections[2] { script[value] = 3 }
        return (form, script)
    }()

    /// The simplified form of a traditional character; others are given back.
    static func simplified(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        guard scalar.value < 0x10000 else { return scalar }
        let form = scripts.form[Int(scalar.value)]
        return form == 0 ? scalar : Unicode.Scalar(form) ?? scalar
    }

    static func isTraditionalOnly(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.value < 0x10000 else { return false }
        let script = scripts.script[Int(scalar.value)]
        return script == 1 || script == 3
    }

    /// A traditional form that no conversion from simplified text gives.
    static func isRareVariant(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x10000 && scripts.script[Int(scalar.value)] == 3
    }

    static func isSimplifiedOnly(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x10000 && scripts.script[Int(scalar.value)] == 2
    }

    /// Place of every simplified character in the order of frequency, from 1; 0 when it is rare.
    private static let ranks: [UInt16] = {
        var ranks = [UInt16](repeating: 0, count: 0x10000)
        for (index, scalar) in HanFrequency.text.unicodeScalars.prefix(while: { $0 != "." }).enumerated() {
            ranks[Int(scalar.value & 0xFFFF)] = UInt16(truncatingIfNeeded: index + 1)
        }
        return ranks
    }()

    /// Place in the order of frequency, from 1, whichever script it is written in; `rankMax` for rare characters.
    static func rank(_ scalar: Unicode.Scalar) -> Int {
        let plain = simplified(scalar)
        guard plain.value < 0x10000 else { return rankMax }
        let rank = Int(ranks[Int(plain.value)])
        return rank == 0 ? rankMax : rank
    }

    static let rankMax = 10_000

    /// First characters of words whose second one ends with the byte A3, as 。 does: 日常, 規模.
    private static let twins = Set(HanFrequency.text.unicodeScalars.drop { $0 != "." }.dropFirst())

    /// Whether a character of which only the byte A3 is left may belong to a word with `scalar` rather than be a full
    /// stop.
    static func mayGoOn(_ scalar: Unicode.Scalar) -> Bool { twins.contains(simplified(scalar)) }
}

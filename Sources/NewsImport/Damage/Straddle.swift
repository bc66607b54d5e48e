/// Undoes a replacement that matched across two characters of GBK.
///
/// The page's software searched bytes, not characters. Where the second byte of one character and the first of the
/// next happened to form a listed character, it put that character's reading between them:
///
///     original   C8AB E69C CABD A1B1 BCBC D067      全鏈式”技術       (9C CA is 準)
///     on the page    … E69C CA(zhǔn) BDA1 B1BC BCD0 67(shù)
///     as decoded       鏈   ?zhǔn)   健   奔   夹   g(shù)             CA and "(" are no character: `?`
///
/// So decoding ran half a character late until a second byte in the range of ASCII brought it back in step. To undo
/// it, the characters are encoded again and read half a character earlier. The byte lost in `?` follows from the
/// reading: it is the second byte of a character that begins with 9C and is read zhǔn.
///
/// Full-width punctuation was searched in the same way: 。” holds the bytes of ！, 。總 those of ？.
struct Straddle {
    private struct Tail {
        enum End {
            /// An ASCII character that was the second byte, with the gloss of the character so made, if it had one.
            case trail(UInt8, Han.Syllable?)
            /// A lost second byte, whose character had this reading.
            case glossed(Han.Syllable)
            /// A lost second byte, and the `<` of a tag.
            case tag
            /// The last pair's second byte is an ASCII character of the text, behind which decoding is in step again.
            case inStep(UInt8)
            /// The text does not come back in step in a way that can be followed.
            case broken
        }

        var pairs: [GBK.Pair] = []
        var end = End.broken
        /// The index after it all.
        var index: Int
    }

    /// What was found: the text to put from where the damage begins to `end`.
    struct Repair {
        var replacement: [Unicode.Scalar]
        var end: Int
    }

    /// A repair, or how far the damage reaches that can't be repaired.
    enum Outcome {
        case repaired(Repair)
        case damaged(end: Int)
        case intact
    }

    let text: Scalars
    let survey: DamageSurvey

    /// Longest run that is followed out of step, in characters. Real ones are short, since most traditional characters
    /// have a second byte in the range of ASCII one time in three.
    private static let tailMax = 40
    /// A repaired character must be at least this frequent: where bytes fell into the part of GBK that is not assigned
    /// they vanished, and then the rest pairs up wrongly, mostly into rare characters.
    private static let rankMax = 1700
    /// The same where nothing can have vanished, because only one character was repaired.
    private static let loneRankMax = 4000

    /// Undoes a straddled gloss. `index` is that of the `?`, `before` the character in front of it.
    func gloss(at index: Int, after before: Unicode.Scalar) -> Outcome {
        guard let gloss = Gloss(inside: text, at: index + 1), let first = GBK.pair(before) else { return .intact }
        let tail = readTail(from: gloss.end)
        var best: (cost: Double, found: [Unicode.Scalar])?
        for value in Han.characters(reading: gloss.syllable) {
            guard let listed = Unicode.Scalar(value), let pair = GBK.pair(listed), pair.lead == first.trail,
                let (cost, found) = follow(tail, pending: pair.trail, after: [], to: index)
            else { continue }
            let total = cost + self.cost(of: listed)
            if best.map({ total < $0.cost }) ?? true { best = (total, found) }
        }
        guard let best else { return .damaged(end: tail.index) }
        return .repaired(Repair(replacement: best.found, end: tail.index))
    }

    /// Undoes straddled punctuation. `index` is that of the `?` in front of the full-width character,
    /// `before` the repaired character in front of that.
    ///
    /// The first byte of the character in front is lost. A3 as a second byte nearly always is that of a full stop.
    func punctuation(at index: Int, after before: Unicode.Scalar?) -> Outcome {
        guard index + 1 < text.endIndex, let pending = Self.punctuationTrail(text[index + 1]) else { return .intact }
        let tail = readTail(from: index + 2)
        guard !isAmbiguous(at: index, after: before) else {
            return isShifted(tail, pending: pending) ? .damaged(end: tail.index) : .intact
        }
        // What stands there must be the less likely text, or this is a real question mark.
        if let (cost, found) = follow(tail, pending: pending, after: [Self.fullStop], to: index),
            cost / Double(found.count) < meanCost(tail)
        {
            return .repaired(Repair(replacement: found, end: tail.index))
        }
        return isShifted(tail, pending: pending) ? .damaged(end: tail.index) : .intact
    }

    private static let fullStop: Unicode.Scalar = "。"

    /// Whether a word may go on where the full stop is presumed, as in 異常 and 規模; behind a number, as in 28日, none
    /// does.
    private func isAmbiguous(at index: Int, after before: Unicode.Scalar?) -> Bool {
        guard let before, Han.mayGoOn(before) else { return false }
        return index - 2 < text.startIndex || text[index - 2].digit == nil
    }

    /// Real question marks stand in front of real text; shifted text has characters that nobody writes, ends that only
    /// the shift makes, or reads better half a character earlier.
    private func isShifted(_ tail: Tail, pending: UInt8) -> Bool {
        switch tail.end {
        case .tag, .glossed: return true
        case .trail(_, let syllable): if syllable != nil { return true }
        case .inStep, .broken: break
        }
        let isOdd = tail.pairs.contains { pair in
            guard let scalar = GBK.scalar(lead: pair.lead, trail: pair.trail) else { return true }
            return scalar.isHan ? Han.rank(scalar) > Self.loneRankMax : !Self.marks.contains(scalar)
        }
        if isOdd { return true }
        guard survey.hasGlosses else { return false }
        // `?;` is no punctuation; `?!?` holds another lost byte.
        if pending == 0xBB || pending == 0xBA { return true }
        if tail.pairs.isEmpty { return tail.index < text.endIndex && text[tail.index] == "?" }
        var end = Tail(index: tail.index)
        end.pairs = Array(tail.pairs.dropLast())
        guard let last = tail.pairs.last else { return false }
        end.end = .inStep(last.trail)
        end.pairs.append(last)
        guard let (cost, found) = follow(end, pending: pending, after: [Self.fullStop], to: tail.index) else {
            return false
        }
        return cost / Double(found.count) < meanCost(tail)
    }

    /// Second byte of a full-width character that the pages' software searches for; the first is A3.
    private static func punctuationTrail(_ scalar: Unicode.Scalar) -> UInt8? {
        switch scalar {
        case "!", "！": 0xA1
        case "?", "？": 0xBF
        case ";", "；": 0xBB
        case ":", "：": 0xBA
        default: nil
        }
    }

    private func readTail(from start: Int) -> Tail {
        var tail = Tail(index: start)
        while tail.index < text.endIndex, tail.pairs.count <= Self.tailMax {
            let scalar = text[tail.index]
            if scalar == "?" || scalar == "？" || scalar == "\u{FFFD}" {
                if let gloss = Gloss(inside: text, at: tail.index + 1) {
                    tail.end = .glossed(gloss.syllable)
                    tail.index = gloss.end
                } else if let end = MarkupRests.endOfCutTag(in: text, at: tail.index + 1) {
                    tail.end = .tag
                    tail.index = end
                }
                return tail
            }
            if (0x40...0x7E).contains(scalar.value) {
                tail.index += 1
                let gloss = Gloss(in: text, at: tail.index)
                tail.end = .trail(UInt8(scalar.value), gloss?.syllable)
                if let gloss { tail.index = gloss.end }
                return tail
            }
            guard let pair = GBK.pair(scalar) else { return tail }
            tail.pairs.append(pair)
            tail.index += 1
            if pair.trail < 0x80 {
                tail.end = .inStep(pair.trail)
                return tail
            }
            // A listed character that only the shift made was glossed as well.
            if let gloss = Gloss(in: text, at: tail.index) { tail.index = gloss.end }
        }
        return tail
    }

    /// Reads the tail's bytes from `pending` on. `nil` when what comes out is no text.
    private func follow(
        _ tail: Tail, pending: UInt8, after known: [Unicode.Scalar], to index: Int
    ) -> (cost: Double, found: [Unicode.Scalar])? {
        var found = known
        var cost = 0.0
        var pending = pending
        var worst = 0
        func take(_ scalar: Unicode.Scalar?) -> Bool {
            guard let scalar, let rank = rank(of: scalar) else { return false }
            found.append(narrowed(scalar))
            // Dashes and dots come in pairs, and of a shifted pair the middle (AA A1, AD A1) is not assigned.
            if scalar == "—" || scalar == "…" { found.append(scalar) }
            cost += self.cost(of: scalar)
            worst = max(worst, rank)
            return true
        }
        for pair in tail.pairs {
            guard take(GBK.scalar(lead: pending, trail: pair.lead)) else { return nil }
            pending = pair.trail
        }
        switch tail.end {
        case .trail(let byte, let syllable):
            let scalar = GBK.scalar(lead: pending, trail: byte)
            if let syllable, let scalar, !Han.has(scalar, reading: syllable) { return nil }
            guard take(scalar) else { return nil }
        case .glossed(let syllable):
            guard take(character(reading: syllable, lead: pending)) else { return nil }
        case .tag:
            guard pending == 0xA1, take(closing(found, to: index)) else { return nil }
        case .inStep(let byte):
            // The ASCII character costs nothing: it is the text's own.
            if byte < 0x80 { found.append(Unicode.Scalar(byte)) }
        case .broken: return nil
        }
        return worst <= (found.count - known.count == 1 ? Self.loneRankMax : Self.rankMax) ? (cost, found) : nil
    }

    /// The likeliest character with this reading and first byte.
    private func character(reading syllable: Han.Syllable, lead: UInt8) -> Unicode.Scalar? {
        Han.characters(reading: syllable).compactMap { Unicode.Scalar($0) }
            .filter { GBK.pair($0)?.lead == lead && !Han.isSimplifiedOnly($0) }
            .min { cost(of: $0) < cost(of: $1) }
    }

    /// The punctuation of row A1 that ends a paragraph: what closes the innermost open quotation, else a full stop.
    private func closing(_ found: [Unicode.Scalar], to index: Int) -> Unicode.Scalar? {
        var open: [Unicode.Scalar] = []
        for scalar in text[max(text.startIndex, index - Self.quotationMax)..<index] + found {
            if let closer = Self.closers[scalar] {
                open.append(closer)
            } else if let place = open.lastIndex(of: scalar) {
                open.removeSubrange(place...)
            }
        }
        guard let closer = open.last else { return found.last == "。" ? nil : "。" }
        // Inside a quotation it may be either; a full stop in front of it tells.
        return found.last == "。" ? closer : nil
    }

    /// How far back a quotation may begin, in characters.
    private static let quotationMax = 2000
    private static let closers: [Unicode.Scalar: Unicode.Scalar] = [
        "“": "”", "‘": "’", "《": "》", "「": "」", "『": "』", "【": "】",
    ]

    /// As the capture writes such characters.
    private func narrowed(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        guard !survey.hasFullWidth, (0xFF01...0xFF5E).contains(scalar.value) else { return scalar }
        return Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
    }

    /// Place in the order of frequency; `nil` for what a page in traditional script does not hold.
    private func rank(of scalar: Unicode.Scalar) -> Int? {
        if scalar.isHan { return Han.isSimplifiedOnly(scalar) || Han.isRareVariant(scalar) ? nil : Han.rank(scalar) }
        return Self.marks.contains(scalar) ? 1 : nil
    }

    private static let marks: Set<Unicode.Scalar> = Set("。，、；：？！“”‘’《》「」『』【】（）〔〕—…·".unicodeScalars)

    /// In bits, after Zipf: the n-th most frequent character has a share of about 1/n.
    private func cost(of scalar: Unicode.Scalar) -> Double {
        if !scalar.isHan { return 5 }
        let rank = Han.rank(scalar)
        // Seen with a gloss of its own: this page's list holds it.
        let known = survey.glossed.contains(scalar) ? 12.0 : 0
        return 4 + Double(Int.bitWidth - rank.leadingZeroBitCount) - known
    }

    /// Of the characters that stand there, one by one.
    private func meanCost(_ tail: Tail) -> Double {
        guard !tail.pairs.isEmpty else { return 14 }  // One character in a thousand.
        let costs = tail.pairs.map { GBK.scalar(lead: $0.lead, trail: $0.trail).map(cost) ?? 20 }
        return costs.reduce(0, +) / Double(costs.count)
    }
}

import NewsModel
import Testing

@Suite("Ids and names") struct IdentityTests {
    @Test(
        "keep the rule of 4 to 64 lower-case letters, digits and inner hyphens",
        arguments: [
            ("abcd", true), ("a--b", true), ("0000", true), ("20260227-0a1b2c3d4e5f", true), ("abc", false),
            ("", false),
            ("-abc", false), ("abc-", false), ("Abcd", false), ("ab_d", false), ("ab.d", false), ("ab/d", false),
            ("abcé", false), ("ab\0d", false), (String(repeating: "a", count: 64), true),
            (String(repeating: "a", count: 65), false),
        ])
    func rule(text: String, isValid: Bool) {
        #expect((ArticleID(text) != nil) == isValid)
        #expect((ChannelID(text) != nil) == isValid)
        let name = Array("articles/\(text)".utf8)
        #expect(ArticleID.range(inName: name.span) == (isValid ? 9..<name.count : nil))
        #expect(ArticleID(name: "articles/\(text)")?.text == (isValid ? text : nil))
        #expect(ChannelID(name: "channels/\(text)")?.name == (isValid ? "channels/\(text)" : nil))
    }

    @Test(
        "are not names of other collections",
        arguments: [
            "abcd", "article/abcd", "channels/abcd", "articles/", "articles", "/articles/abcd", "articles//abcd",
        ])
    func otherNames(name: String) {
        #expect(ArticleID(name: name) == nil)
        let bytes = Array(name.utf8)
        #expect(ArticleID.range(inName: bytes.span) == nil)
    }

    @Test("of the server begin with the day and end with 60 bits")
    func ownIDs() throws {
        let id = ArticleID(day: try date("2026-02-27"), discriminator: .max)
        #expect(id.text == "20260227-vvvvvvvvvvvv")
        #expect(id.name == "articles/20260227-vvvvvvvvvvvv")
        #expect(try id.namedDay == .day(date("2026-02-27")))
        let undated = ArticleID(day: nil, discriminator: 1)
        #expect(undated.text == "00000000-000000000001")
        #expect(undated.namedDay == .undated)
        #expect(ArticleID(id.text) == id)
    }

    @Test(
        "without a day before the first hyphen name none",
        arguments: ["20260230-abcd", "2026022-abcd", "20260227abcd", "20260227", "a-quiet-day", "20261301-x"])
    func dayless(text: String) throws {
        #expect(try #require(ArticleID(text)).namedDay == nil)
    }

    @Test(
        "of channels follow from the display name",
        arguments: [
            ("Tech News", "tech-news"), ("  A&B -- 2026! ", "a-b-2026"),
            ("资讯", ChannelID.hashed(of: "资讯").text),
            ("TV", ChannelID.hashed(of: "TV").text), ("!!!!", ChannelID.hashed(of: "!!!!").text),
            (String(repeating: "x", count: 65), ChannelID.hashed(of: String(repeating: "x", count: 65)).text),
        ])
    func channels(name: String, id: String) {
        #expect(ChannelID(displayName: name).text == id)
        #expect(ChannelID(id) != nil)
    }

    @Test("of channels stay as they are from release to release")
    func stableChannelIDs() {
        #expect(ChannelID(displayName: "资讯").text == "c-e7cqic3lno8bo9bj")
    }
}

@Suite("Periods") struct PeriodTests {
    @Test(
        "are named, read, bounded and followed",
        arguments: [
            (Period.month(year: 2026, month: 2), "2026-02", "2026-02-01", "2026-03-01", "2026-03"),
            (.month(year: 2026, month: 12), "2026-12", "2026-12-01", "2027-01-01", "2027-01"),
            (.quarter(year: 2026, quarter: 4), "2026-q4", "2026-10-01", "2027-01-01", "2027-q1"),
            (.year(2024), "2024", "2024-01-01", "2025-01-01", "2025"),
            (slot("2026-02.1of4"), "2026-02.1of4", "2026-02-01", "2026-02-08", "2026-02.2of4"),
            (slot("2024-02.2of4"), "2024-02.2of4", "2024-02-09", "2024-02-16", "2024-02.3of4"),
            (slot("2026-12.16of16"), "2026-12.16of16", "2026-12-31", "2027-01-01", "2027-01.1of16"),
            (slot("2026-q1.3of3"), "2026-q1.3of3", "2026-03-02", "2026-04-01", "2026-q2.1of3"),
            (slot("2024.2of2"), "2024.2of2", "2024-07-02", "2025-01-01", "2025.1of2"),
        ])
    func parts(period: Period, text: String, first: String, end: String, next: String) throws {
        #expect(period.description == text)
        #expect(Period(text) == period)
        #expect(try period.firstDay == date(first))
        #expect(try period.endDay == date(end))
        #expect(period.next?.description == next)
        #expect(try period.contains(date(first)))
        #expect(try !period.contains(date(end)))
        let following = try #require(period.next)
        #expect(period < following)
        let layout = try #require(period.layout)
        #expect(try Period(date(first), layout) == period)
        #expect(following.layout == layout && period.sortKey < following.sortKey)
    }

    private static func slot(_ name: String) -> Period { Period(name) ?? .undated }

    @Test("in slots give each day to one of them, in order, none of them longer than another by more than a day")
    func slots() throws {
        for length in PeriodLength.allCases {
            for count in ShardLayout.slotCounts {
                let layout = try #require(ShardLayout(length, slots: count))
                var days: [Period: Int] = [:]
                var last = Period.undated
                // Four years, a leap year among them.
                for number in 19_723..<21_184 {
                    let day = CivilDate(daysSinceEpoch: number)
                    let shard = Period(day, layout)
                    #expect(shard.contains(day) && shard.layout == layout)
                    #expect(shard.whole == Period(day, length: length) && shard.widened(to: length) == shard.whole)
                    #expect(last == .undated || shard == last || shard == last.next)
                    last = shard
                    days[shard, default: 0] += 1
                }
                for (_, slots) in Dictionary(grouping: days.keys, by: \.whole) {
                    let counts = slots.compactMap { days[$0] }
                    #expect(slots.count == count && (counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
                }
            }
        }
    }

    @Test("in slots are what they were in every release: the days are disk format")
    func pinnedSlots() throws {
        let days = [
            (2, "2026-02-14", "2026-02.1of2"), (2, "2026-02-15", "2026-02.2of2"), (3, "2026-01-11", "2026-01.1of3"),
            (3, "2026-01-12", "2026-01.2of3"), (4, "2024-02-29", "2024-02.4of4"), (7, "2026-03-31", "2026-03.7of7"),
            (16, "2026-02-16", "2026-02.9of16"), (16, "2026-03-16", "2026-03.8of16"),
        ]
        for (count, day, name) in days {
            #expect(try Period(date(day), #require(ShardLayout(.month, slots: count))).description == name)
        }
        #expect(try Period(date("2026-08-20"), #require(ShardLayout(.quarter, slots: 5))).description == "2026-q3.3of5")
        #expect(try Period(date("2026-08-20"), #require(ShardLayout(.year, slots: 12))).description == "2026.8of12")
    }

    @Test(
        "lead to the shard of another layout that has their first day: of two with a day in common the later to both"
    )
    func firstInLayout() throws {
        let layouts = PeriodLength.allCases.flatMap { length in
            ShardLayout.slotCounts.compactMap { ShardLayout(length, slots: $0) }
        }
        for number in stride(from: 20_454, to: 20_819, by: 29) {
            let shards = layouts.map { Period(CivilDate(daysSinceEpoch: number), $0) }
            for (place, one) in shards.enumerated() {
                for other in shards[place...] {
                    let isLater = try #require(other.firstDay) > #require(one.firstDay)
                    let (later, earlier) = isLater ? (other, one) : (one, other)
                    let layout = try #require(earlier.layout)
                    guard later.first(in: layout) != earlier else { continue }
                    Issue.record("\(later) and \(earlier)")
                }
            }
        }
        let halves = try #require(ShardLayout(.month, slots: 2))
        #expect(Period("2026-02")?.first(in: halves) == Period("2026-02.1of2"))
        #expect(Period("2026-02.4of4")?.first(in: halves) == Period("2026-02.2of2"))
        #expect(Period("2026-02.4of4")?.first(in: ShardLayout(.quarter)) == Period("2026-q1"))
        #expect(Period.undated.first(in: halves) == .undated && Period.undated.layout == nil)
    }

    @Test("without a date are apart from the calendar")
    func undated() throws {
        #expect(Period("undated") == .undated)
        #expect(Period.undated.next == nil && Period.undated.firstDay == nil && Period.undated.endDay == nil)
        #expect(try !Period.undated.contains(date("2026-02-01")))
        #expect(Period.undated < .year(1))
        #expect(Period(ArticleID.NamedDay.undated, ShardLayout(.month)) == .undated)
        #expect(try Period(.day(date("2026-05-05")), ShardLayout(.quarter)) == .quarter(year: 2026, quarter: 2))
    }

    @Test("end with the calendar")
    func last() {
        #expect(Period.month(year: 9999, month: 12).next == nil)
        #expect(Period.year(9999).next == nil)
    }

    @Test(
        "have one name each",
        arguments: [
            "2026-2", "2026-13", "2026-00", "2026-q5", "2026-q0", "2026-Q1", "26", "0000", "Undated", "2026-02-01",
            "2026_02", "", "2026-02.", "2026-02.1of1", "2026-02.0of4", "2026-02.5of4", "2026-02.1of17", "2026-02.01of4",
            "2026-02.1of04", "2026-02.1of4.1of4", "2026-02.1of4x", "2026-02.of4", "2026-02.1to4", "undated.1of2",
        ])
    func foreignNames(text: String) {
        #expect(Period(text) == nil)
    }
}

@Suite("Titles and days") struct TitleDayTests {
    @Test(
        "are equal when titles differ only in composition and white space",
        arguments: [
            ("caf\u{e9}", "cafe\u{301}"), ("가", "\u{1100}\u{1161}"), ("  a \u{3000}\t b\n", "a b"), ("", "   "),
        ])
    func folding(left: String, right: String) {
        #expect(TitleDay(title: left, day: nil) == TitleDay(title: right, day: nil))
        #expect(TextFolding.folded(left).unicodeScalars.elementsEqual(TextFolding.folded(right).unicodeScalars))
    }

    /// Texts of nothing but these are not composed, so composing must leave each of them, beside each other kind.
    @Test("leave as it is what composition leaves as it is")
    func settled() {
        let ranges: [ClosedRange<UInt32>] = [
            0x21...0x2FF, 0x2010...0x2027, 0x3001...0x3029, 0x4E00...0x9FFF, 0xFF01...0xFF65,
        ]
        let scalars = ranges.joined().compactMap { Unicode.Scalar($0) }
        var changed: [UInt32] = []
        for scalar in scalars where !scalar.properties.isWhitespace {
            // A text with white space that is narrowed is composed; the other one is not, if all of it is settled.
            for other: Unicode.Scalar in ["a", "é", "“", "、", "中", "！"] {
                let text = String(String.UnicodeScalarView([scalar, other, scalar]))
                let composed = TextFolding.folded("\(text)  x").unicodeScalars.dropLast(2)
                let isSame =
                    composed.elementsEqual(text.unicodeScalars)
                    && TextFolding.folded(text).utf8.elementsEqual(text.utf8)
                if !isSame { changed.append(scalar.value) }
            }
        }
        #expect(changed == [])
        #expect(TextFolding.folded("标题 a") == "标题 a" && TextFolding.folded("标题  a ") == "标题 a")
        #expect(TextFolding.folded(" a") == "a" && TextFolding.folded(" ") == "" && TextFolding.folded("") == "")
    }

    @Test("differ with the day and with the title")
    func differences() throws {
        let day = try date("2026-03-05")
        let one = TitleDay(title: "标题", day: day)
        #expect(one != TitleDay(title: "标题", day: day.adding(days: -2)))
        #expect(one != TitleDay(title: "標題", day: day))
        #expect(one != TitleDay(title: "标题", day: nil))
        #expect(one.titleHash.count == TitleDay.titleHashCount)
        #expect(TitleDay(titleHash: one.titleHash, day: day) == one)
    }

    @Test("name an article for each ordinal, the same from release to release")
    func ids() throws {
        let titleDay = TitleDay(title: "标题", day: try date("2026-03-05"))
        let dayBefore = titleDay.day?.adding(days: -1)
        #expect(titleDay.id(ordinal: 0, sortDay: dayBefore).text == "20260304-mbvojmsa6dqu")
        let ids = (0..<100).map { titleDay.id(ordinal: $0, sortDay: titleDay.day) }
        #expect(Set(ids).count == 100)
        #expect(ids.allSatisfy { $0.text.hasPrefix("20260305-") && $0.text.utf8.count == 21 })
        #expect(ids[0].text == "20260305-7alkc57jqv6n")
        #expect(TitleDay(title: "标题", day: nil).id(ordinal: 1, sortDay: nil).text == "00000000-54bhl4n077d4")
    }
}

@Suite("Row keys") struct RowOrderTests {
    /// Newest first, ties by the order on the page.
    static let orders: [RowOrder] = [
        RowOrder(sortInstant: Instant(microseconds: .max), pageOrder: 0),
        RowOrder(sortInstant: Instant(microseconds: 1_772_150_400_000_000), pageOrder: 0),
        RowOrder(sortInstant: Instant(microseconds: 1_772_150_400_000_000), pageOrder: 1),
        RowOrder(sortInstant: Instant(microseconds: 1_772_150_400_000_000), pageOrder: .max),
        RowOrder(sortInstant: Instant(microseconds: 1_772_150_399_999_999), pageOrder: 0),
        RowOrder(sortInstant: .epoch, pageOrder: 0), RowOrder(sortInstant: Instant(microseconds: -1), pageOrder: 0),
        RowOrder(sortInstant: Instant(microseconds: .min), pageOrder: 0), RowOrder(sortInstant: nil, pageOrder: 0),
        RowOrder(sortInstant: nil, pageOrder: 1),
    ]

    @Test("sort newest first as bytes, undated last")
    func newestFirst() throws {
        let id = try #require(ArticleID("20260227-000000000000"))
        let keys = Self.orders.map { $0.newestFirstKey(id) }
        for (earlier, later) in zip(keys, keys.dropFirst()) { #expect(earlier.lexicographicallyPrecedes(later)) }
        for (order, key) in zip(Self.orders, keys) {
            #expect(RowOrder(newestFirst: key.span) == order)
            #expect(key.count == RowOrder.prefixCount + id.text.utf8.count)
        }
    }

    @Test("sort oldest first with ties in the same order")
    func oldestFirst() throws {
        let id = try #require(ArticleID("20260227-000000000000"))
        let ascending = Self.orders.sorted { left, right in
            let leftKey = left.oldestFirstKey(id)
            return leftKey.lexicographicallyPrecedes(right.oldestFirstKey(id))
        }
        let instants = ascending.map { $0.sortInstant?.microseconds ?? .max }
        #expect(instants == instants.sorted())
        #expect(ascending.last == RowOrder(sortInstant: nil, pageOrder: 1))
        for order in Self.orders { #expect(RowOrder(oldestFirst: order.oldestFirstKey(id).span) == order) }
        let tied = ascending.filter { $0.sortInstant?.microseconds == 1_772_150_400_000_000 }
        #expect(tied.map(\.pageOrder) == [0, 1, .max])
    }

    @Test(
        "are not read from other bytes",
        arguments: [
            "", "vvvvvvvvvvvvv0000", "vvvvvvvvvvvvu0000abcd", "g0000000000000000abcd", "0000000000000vvvvabcd",
            "000000000000W0000abcd",
        ])
    func foreign(text: String) {
        let bytes = Array(text.utf8)
        #expect(RowOrder(newestFirst: bytes.span) == nil)
        #expect(RowOrder(oldestFirst: bytes.span) == nil)
    }
}

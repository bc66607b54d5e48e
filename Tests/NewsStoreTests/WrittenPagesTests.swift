import NewsModel
import Testing

@testable import NewsStore

@Suite("Memory of environments that were written") struct WrittenPagesTests {
    private let limit = WrittenPages.countMax

    private func periods(_ count: Int) throws -> [Period] {
        try (0..<count).map { number in
            let month = number % 12 + 1
            return try #require(Period("\(2000 + number / 12)-\(month < 10 ? "0" : "")\(month)"))
        }
    }

    @Test("shards are closed, the newest first, while all together keep too many pages")
    func excess() throws {
        var pages = WrittenPages()
        let periods = try periods(3)
        for period in periods { pages.add(period, pageCount: limit * 3 / 8) }
        #expect(pages.total == limit * 9 / 8)
        #expect(pages.takeExcess(beside: 0) == [periods[2]])
        #expect(pages.total == limit * 6 / 8 && pages.takeExcess(beside: 0).isEmpty)
        // Transactions that have not ended take their share.
        var beside = pages
        #expect(beside.takeExcess(beside: limit / 2) == [periods[1]])
        pages.add(periods[1], pageCount: 2 * limit)
        #expect(pages.takeExcess(beside: 0) == [periods[0], periods[1]])
        #expect(pages.total == 0)
    }

    @Test("the largest transaction of a shard counts") func largest() throws {
        var pages = WrittenPages()
        let period = try periods(1)[0]
        for count in [10, 30, 20] { pages.add(period, pageCount: count) }
        #expect(pages.total == 30)
    }

    @Test("beside an import shards keep less") func imports() throws {
        var pages = WrittenPages()
        let periods = try periods(2)
        for period in periods { pages.add(period, pageCount: WrittenPages.lentCountMax) }
        #expect(pages.takeExcess(beside: 0).isEmpty)
        pages.isLent = true
        #expect(pages.takeExcess(beside: 0) == [periods[1]])
    }

    @Test("of more shards than may stay open, written in turn, most that may do stay open")
    func turns() throws {
        var pages = WrittenPages()
        let periods = try periods(120)
        let roomFor = 80
        var closed: Set<Period> = []
        var openings = 0
        for turn in 0..<20 {
            for period in periods {
                if closed.remove(period) != nil, turn > 9 { openings += 1 }
                pages.add(period, pageCount: limit / roomFor)
                closed.formUnion(pages.takeExcess(beside: 0))
            }
        }
        // 40 of them have no room.
        #expect(openings < 10 * 60)
    }

    @Test("a shard that is written again and again stays open, also when it comes last")
    func hot() throws {
        var pages = WrittenPages()
        let periods = try periods(60)
        for period in periods.dropLast() { pages.add(period, pageCount: limit / 59) }
        let hot = try #require(periods.last)
        var closings = 0
        for _ in 0..<100 {
            pages.add(hot, pageCount: limit / 59)
            closings += pages.takeExcess(beside: 0).count { $0 == hot }
        }
        #expect(closings < WrittenPages.turn)
    }
}

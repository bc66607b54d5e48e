import NewsModel
import Testing

@testable import NewsStore

@Suite("Memory of environments that were written") struct WrittenPagesTests {
    @Test("shards are closed, the first first, while all together keep too many pages")
    func excess() throws {
        var pages = WrittenPages()
        let periods = try ["2026-01", "2026-02", "2026-03"].map { try #require(Period($0)) }
        for period in periods { pages.add(period, entryCount: 750) }
        // The largest transaction of a shard counts.
        pages.add(periods[2], entryCount: 10)
        #expect(pages.total == 2250)
        #expect(pages.takeExcess(beside: 0) == [periods[0]])
        #expect(pages.total == 1500 && pages.takeExcess(beside: 0).isEmpty)
        // Transactions that have not ended take their share.
        var beside = pages
        #expect(beside.takeExcess(beside: WrittenPages.totalMax - 750) == [periods[1]])
        pages.add(periods[1], entryCount: 2 * WrittenPages.totalMax)
        #expect(pages.takeExcess(beside: 0) == [periods[1]])
        #expect(pages.total == 750)
    }
}

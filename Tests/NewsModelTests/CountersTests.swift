import NewsModel
import Testing

@Suite("Counters") struct CountersTests {
    @Test("know what they were given, nought included")
    func known() {
        let counters = Counters(views: 480, likes: 0, shares: 3)
        #expect(counters.known == [.views, .likes, .shares])
        #expect(counters.comments == 0)
        #expect(Counters().known.isEmpty)
    }

    @Test("add events to what a page said, within their range")
    func addition() {
        var events = Counters(views: 2, comments: 1)
        events.likes = -5
        let sum = Counters(views: 480, shares: 3) + events
        #expect(sum.views == 482 && sum.shares == 3 && sum.comments == 1)
        #expect(sum.likes == 0)
        #expect(sum.known == [.views, .shares, .comments])
        #expect((Counters(views: .max) + Counters(views: 1)).views == .max)
    }

    @Test("of a newer page replace what it prints and keep the rest")
    func replacement() {
        let result = Counters(views: 480, shares: 3).replaced(by: Counters(views: 400, comments: 0))
        #expect(result == Counters(views: 400, comments: 0, shares: 3))
        let all = Counters(views: 1, likes: 2, favorites: 3, tips: 4, comments: 5, shares: 6)
        #expect(Counters(views: 9).replaced(by: all) == all)
        #expect(all.replaced(by: Counters()) == all)
    }

    @Test("have a precision that can be finer than another")
    func precision() {
        #expect(Precision.minute.isFiner(than: .day))
        #expect(!Precision.day.isFiner(than: .day))
        #expect(Precision.year.isFiner(than: .unknown))
    }
}

import Bytes
import NewsMessages
import NewsModel
import Testing

@testable import NewsService

@Suite("What is added to a stored article") struct ArticleTailTests {
    private func decoded(_ tail: ArticleTail, now: Instant = .timestampMax) throws -> Article {
        let arena = ByteArena()
        arena.write(upTo: ArticleTail.byteCountMax) { tail.append(to: &$0, now: now) }
        return try Article(arena.withBytes(in: 0..<arena.count) { [UInt8](copying: $0) })
    }

    private static func tail(
        revision: UInt64 = 1, sort: Instant? = nil, create: Instant = .epoch, update: Instant = .epoch,
        _ counters: Counters = Counters()
    ) -> ArticleTail {
        ArticleTail(revision: revision, sortInstant: sort, createTime: create, updateTime: update, counters: counters)
    }

    @Test(
        "carries every revision, and quotes it as the etag",
        arguments: [1, 9, 10, 99, 100, 127, 128, 16_384, 1 << 40, UInt64(Int64.max)])
    func revisions(revision: UInt64) throws {
        let article = try decoded(Self.tail(revision: revision))
        #expect(article.revision == Int64(revision))
        #expect(article.etag == "\"\(revision)\"")
    }

    @Test(
        "carries times to the microsecond, equal or not, before and after 1970",
        arguments: [
            (Instant.epoch, Instant.epoch), (Instant(microseconds: -1), Instant(microseconds: 1)),
            (.timestampMin, .timestampMax), (Instant(microseconds: 1_790_000_000_123_456), .timestampMax),
            (Instant(microseconds: 1_790_000_000_123_456), Instant(microseconds: 1_790_000_000_123_456)),
        ])
    func times(create: Instant, update: Instant) throws {
        let article = try decoded(Self.tail(create: create, update: update))
        #expect(article.createTime == Timestamp(create))
        #expect(article.updateTime == Timestamp(update))
    }

    @Test("carries known counters, nought included, and no stats when none is known")
    func counters() throws {
        #expect(try decoded(Self.tail()).stats == nil)
        let some = try #require(try decoded(Self.tail(Counters(views: 480, likes: 0, shares: 3))).stats)
        #expect(some.viewCount == 480 && some.shareCount == 3 && some.known == [.views, .likes, .shares])
        let most = Counters(views: .max, likes: .max, favorites: .max, tips: .max, comments: .max, shares: .max)
        let stats = try #require(try decoded(Self.tail(revision: .max, create: .timestampMin, most)).stats)
        #expect(stats.commentCount == .max && stats.known.count == 6)
        #expect(Counters(stats) == most)
    }

    @Test("tells that an article has expired once its time has come, unless it is deleted")
    func expired() throws {
        var tail = Self.tail()
        tail.expireTime = Instant(microseconds: 5)
        #expect(try decoded(tail, now: Instant(microseconds: 4)).state == .active)
        #expect(try decoded(tail, now: Instant(microseconds: 5)).state == .expired)
        tail.sortInstant = .timestampMax
        #expect(try decoded(tail, now: Instant(microseconds: 5)).state == .expired)
        tail.purgeTime = .timestampMax
        #expect(try decoded(tail, now: Instant(microseconds: 5)).state == .deleted)
    }

    @Test("tells when a deleted article was deleted and will be purged, and that it is deleted whatever its time")
    func deleted() throws {
        var tail = Self.tail(sort: .timestampMax, update: Instant(microseconds: 5))
        let live = try decoded(tail)
        #expect(live.deleteTime == nil && live.purgeTime == nil)
        tail.purgeTime = .timestampMax
        let deleted = try decoded(tail, now: .epoch)
        #expect(deleted.state == .deleted && deleted.deleteTime == Timestamp(Instant(microseconds: 5)))
        #expect(deleted.purgeTime == Timestamp(.timestampMax) && deleted.updateTime == deleted.deleteTime)
        // The longest tail that there is fits.
        let most = Counters(views: .max, likes: .max, favorites: .max, tips: .max, comments: .max, shares: .max)
        tail = Self.tail(revision: .max, create: .timestampMin, update: .timestampMin, most)
        tail.purgeTime = .timestampMin
        #expect(try decoded(tail).stats?.known.count == 6)
    }

    @Test("tells what is still to come")
    func state() throws {
        let now = Instant(microseconds: 1000)
        #expect(try decoded(Self.tail(sort: now), now: now).state == .active)
        #expect(try decoded(Self.tail(sort: Instant(microseconds: 1001)), now: now).state == .scheduled)
        #expect(try decoded(Self.tail(sort: nil), now: now).state == .active)
    }

    @Test("carries the channel's display name once it is known")
    func channel() throws {
        var asked = 0
        let fields = ChannelFields { number in
            asked += 1
            return number < 3 ? "资讯 \(number)" : nil
        }
        func field(of number: UInt32) -> [UInt8] {
            var field: [UInt8] = []
            fields.withField(of: number) { field = [UInt8](copying: $0) }
            return field
        }
        #expect(field(of: 0).isEmpty && asked == 0)
        for number in [2, 1, 2, 1] as [UInt32] {
            #expect(try Article(field(of: number)).channelDisplayName == "资讯 \(number)")
        }
        #expect(asked == 2)
        #expect(field(of: 9).isEmpty)
    }
}

@Suite("Counters of a request") struct ArticleCountersTests {
    @Test("are known when listed, or above nought when nothing is listed")
    func known() {
        var stats = ArticleStats()
        stats.viewCount = 5
        stats.likeCount = 7
        #expect(Counters(stats) == Counters(views: 5, likes: 7))
        stats.known = [.views, .comments]
        #expect(Counters(stats) == Counters(views: 5, comments: 0))
        #expect(Counters(nil as ArticleStats?) == Counters())
    }
}

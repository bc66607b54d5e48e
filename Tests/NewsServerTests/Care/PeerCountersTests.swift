import HTTP2
import NewsServer
import Testing

@Suite("What a peer may do now and then") struct PeerCountersTests {
    private let second: Int64 = 1_000_000_000

    @Test("a bucket lets a burst through, then so many a second, and is full again after a rest")
    func bucket() {
        var bucket = RateBucket(PeerRate(burst: 10, perSecond: 5))
        let times = [7, second, 2 * second + 7, 100 * second]
        let taken = times.map { time in (0..<20).count { _ in bucket.take(now: time) } }
        #expect(taken == [10, 4, 6, 10])
    }

    @Test("a bucket at the ends of the clock neither traps nor lets everything through", arguments: [Int64.min / 4, 0])
    func clockEnds(now: Int64) {
        var bucket = RateBucket(PeerRate(burst: 1, perSecond: 1))
        #expect([now, now, now + second].map { bucket.take(now: $0) } == [true, false, true])
    }

    @Test("E1, E2, E5, E9: each sign has its own limit and its own name", arguments: PeerSign.allCases)
    func signs(sign: PeerSign) {
        var counters = PeerCounters(PeerLimits())
        let limit = [PeerSign.reset: 10_000, .fault: 100, .emptyData: 1_000, .settings: 100][sign] ?? 0
        for number in 0..<limit { #expect(counters.count(sign, now: 0) == nil, "\(number)") }
        let names = [
            PeerSign.reset: "too_many_resets", .fault: "too_many_stream_errors", .emptyData: "too_many_empty_frames",
            .settings: "too_many_settings",
        ]
        #expect(counters.count(sign, now: 0) == names[sign])
        for other in PeerSign.allCases where other != sign { #expect(counters.count(other, now: 0) == nil) }
    }
}

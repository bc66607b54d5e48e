import NewsService
import Testing

@Suite("Recent requests") struct RecentRequestsTests {
    private func has(_ recent: RecentRequests, _ request: [UInt8], now: Int64) -> Bool {
        recent.has(request.span, now: now)
    }

    @Test("are those of the last two seconds")
    func time() {
        var recent = RecentRequests()
        let request: [UInt8] = [1, 2, 3]
        #expect(!has(recent, request, now: 5))
        recent.note(request.span, now: 5)
        #expect(has(recent, request, now: 5))
        #expect(has(recent, request, now: 5 + RecentRequests.lifetime - 1))
        #expect(!has(recent, request, now: 5 + RecentRequests.lifetime))
        recent.note(request.span, now: 7)
        #expect(has(recent, request, now: 5 + RecentRequests.lifetime))
        recent.removeAll()
        #expect(!has(recent, request, now: 7))
    }

    @Test("are told apart by their bytes")
    func bytes() {
        var recent = RecentRequests()
        for number in 0..<UInt8(100) {
            let request = [number, 0, number]
            #expect(!has(recent, request, now: 0))
            recent.note(request.span, now: 0)
            #expect(has(recent, request, now: 0) && !has(recent, [number, 1, number], now: 0))
        }
    }
}

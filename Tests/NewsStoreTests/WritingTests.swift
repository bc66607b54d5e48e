import LMDB
import NewsModel
import NewsStore
import Synchronization
import TestKit
import Testing
import Threads

@Suite("Writing") struct WritingTests {
    private let period = Period("2026-02")

    @Test("gives each change the next revision, over all shards")
    func revisions() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        var last: UInt64 = 0
        for day in ["2026-02-27", "2026-01-27", "2026-02-27", "2025-02-27"] {
            let revision = try store.put(StoreFixture.record("\(day)-x", at: StoreFixture.instant(day)))
            #expect(revision == last + 1)
            #expect(store.publishedRevision == revision)
            last = revision
        }
        #expect(store.articleCount == 3)
    }

    @Test("keeps an import that is repeated from changing anything but the revision")
    func repeated() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        let record = try StoreFixture.record(
            "20260227-aaaa", at: StoreFixture.instant("2026-02-27"), source: "s", views: 3)
        for _ in 0..<3 { try store.put(record) }
        #expect(store.articleCount == 1)
        let found = try store.run(#require(period)) { (shard) throws(StoreError) in
            (try shard.article(record.id), try shard.candidates(titleDay: record.titleDay))
        }
        #expect(found.0?.full == record.full)
        #expect(found.0?.base == record.counters)
        #expect(found.1 == [record.id])
        store.close()
        let summary = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
        #expect(summary.articleCount == 1)
    }

    @Test("keeps the candidates of a title and day in the order in which they came")
    func candidates() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        let instant = try StoreFixture.instant("2026-02-27")
        for id in ["20260227-zzzz", "20260227-aaaa", "20260227-mmmm"] {
            try store.put(StoreFixture.record(id, at: instant, title: "同一标题"))
        }
        try store.put(StoreFixture.record("20260227-bbbb", at: instant, title: "另一标题"))
        // The second of them gets another title, and the first is put again.
        try store.put(StoreFixture.record("20260227-aaaa", at: instant, title: "另一标题"))
        try store.put(StoreFixture.record("20260227-zzzz", at: instant, title: "同一标题"))
        let found = try store.run(#require(period)) { (shard) throws(StoreError) in
            [
                try shard.candidates(titleDay: TitleDay(title: "同一标题", day: nil)),
                try shard.candidates(titleDay: TitleDay(title: "另一标题", day: nil)),
                try shard.candidates(titleDay: TitleDay(title: "第三标题", day: nil)),
            ].map { $0.map(\.text) }
        }
        #expect(found == [["20260227-zzzz", "20260227-mmmm"], ["20260227-bbbb", "20260227-aaaa"], []])
    }

    @Test("moves an article on its page, and replaces what pages counted, without a new revision")
    func placeAndBase() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        let instant = try StoreFixture.instant("2026-02-27")
        for name in ["first", "second"] {
            _ = try store.run(#require(period)) { (shard) throws(StoreError) in
                try shard.channel(named: name, create: true)
            }
        }
        for (order, id) in ["20260227-aaaa", "20260227-bbbb"].enumerated() {
            try store.put(
                StoreFixture.record(
                    id, at: instant, order: UInt16(order), channel: 2, source: "s", capture: [1, 2], views: 1))
        }
        let id = try StoreFixture.id("20260227-aaaa")
        try store.run(#require(period)) { (shard) throws(StoreError) in
            try shard.setPlace(id, pageOrder: 9)
            try shard.setBase(id, Counters(views: 480, shares: 3))
            try shard.setPlace(id, pageOrder: 9)
        }
        let reader = try store.makeReader()
        var scan = ListScan()
        for channel in [nil, 2] as [UInt32?] {
            scan.channel = channel
            #expect(try reader.ids(scan) == ["20260227-bbbb", "20260227-aaaa"])
        }
        guard case .found(let header, let counters) = reader.text("20260227-aaaa", .capture).outcome else {
            Issue.record("lost")
            return
        }
        #expect(header.revision == 1)
        #expect(header.pageOrder == 9)
        #expect(counters == Counters(views: 480, shares: 3))
        let absent = try StoreFixture.id("20260227-cccc")
        #expect(throws: StoreError.absent(absent)) {
            try store.run(#require(period)) { (shard) throws(StoreError) in try shard.setPlace(absent, pageOrder: 1) }
        }
        store.close()
        _ = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
    }

    @Test(
        "lets an id be taken once, whichever shards are asked for it, also within one round", arguments: [true, false])
    func unique(homeFirst: Bool) throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        let records = try ["2026-02-27", "2026-01-05", "2025-11-05"].map { day in
            try StoreFixture.record("20260227-aaaa", at: StoreFixture.instant(day))
        }
        let results = Monitor<[Bool]>([])
        for record in homeFirst ? records : records.reversed() {
            let period = store.period(of: record.sortInstant)
            let command = TestCommand(period: period, claim: store.claim(record.id, in: period)) {
                (shard) throws(StoreError) in
                guard try shard.article(record.id) == nil else { return }
                _ = try shard.put(record)
            }
            store.submit(command) { result in
                results.broadcast { $0.append((try? result.get()) != nil) }
            }
        }
        let outcomes = results.wait { $0.count == 3 ? $0 : nil }
        #expect(outcomes.filter(\.self).count == 1)
        #expect(store.articleCount == 1)
        store.close()
        let summary = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
        #expect(summary.articleCount == 1)
    }

    @Test("forgets the oldest requests early when there are more than it keeps, also over a restart")
    func requestCount() throws {
        let directory = try TemporaryDirectory("store")
        let ticks = Atomic64(0)
        for round in 0..<2 {
            let store = try StoreFixture.open(directory) { options in
                options.requestCountMax = 2
                options.clock = { StoreFixture.noon + .seconds(ticks.value) }
            }
            if round == 0 {
                for (number, day) in ["2026-02-25", "2026-01-25", "2026-02-26"].enumerated() {
                    let record = try StoreFixture.record("\(day)-aaaa", at: StoreFixture.instant(day))
                    ticks.value = Int64(number)
                    try store.run(store.period(of: record.sortInstant), claim: record.id) {
                        (shard) throws(StoreError) in
                        _ = try shard.put(record)
                        try shard.remember(request: "r-\(number)", fingerprint: [1], article: record.id)
                    }
                }
            }
            let known = try store.run(.undated) { (shard) throws(StoreError) in
                (0..<3).map { shard.request("r-\($0)") != nil }
            }
            #expect(known == [false, true, true])
        }
    }

    @Test("remembers the requests of articles however many reactions have some, also over a restart")
    func requestKinds() throws {
        let directory = try TemporaryDirectory("store")
        let ticks = Atomic64(0)
        let period = try #require(period)
        for round in 0..<2 {
            let store = try StoreFixture.open(directory) { options in
                options.requestCountMax = 2
                options.reactionRequestCountMax = 3
                options.clock = { StoreFixture.noon + .seconds(ticks.value) }
            }
            if round == 0 {
                let record = try StoreFixture.record("20260227-aaaa", at: StoreFixture.instant("2026-02-27"))
                try store.put(record)
                for number in 0..<9 {
                    ticks.value = Int64(number)
                    try store.run(period) { (shard) throws(StoreError) in
                        let kind = number == 0 ? RequestRecord.Kind.change : .reaction
                        try shard.remember(request: "r-\(number)", kind, fingerprint: [1], article: record.id)
                    }
                }
            }
            let known = try store.run(.undated) { (shard) throws(StoreError) in
                (
                    (0..<9).filter { shard.request("r-\($0)") != nil },
                    (0..<9).filter { shard.request("r-\($0)", .reaction) != nil }
                )
            }
            #expect(known.0 == [0] && known.1 == [6, 7, 8])
            store.close()
        }
    }

    @Test("refuses an article whose time is none of the shard's", arguments: ["2026-01-31", "2026-03-01", nil])
    func wrongPeriod(day: String?) throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        let instant = try day.map { try StoreFixture.instant($0) }
        let record = try StoreFixture.record("20260227-aaaa", at: instant)
        let period = try #require(period)
        #expect(throws: StoreError.wrongPeriod(period)) {
            try store.run(period) { (shard) throws(StoreError) in try shard.put(record) }
        }
    }

    @Test("puts the first and last moments of a month, in the store's zone, into that month")
    func monthEdges() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        let start = try StoreFixture.instant("2026-02-01").microseconds - 12 * 3_600_000_000
        let end = try StoreFixture.instant("2026-03-01").microseconds - 12 * 3_600_000_000
        for (instant, month) in [(start - 1, "2026-01"), (start, "2026-02"), (end - 1, "2026-02"), (end, "2026-03")] {
            #expect(store.period(of: Instant(microseconds: instant)).description == month)
        }
        #expect(store.period(of: nil) == .undated)
    }

    @Test("does nothing of a command that fails, and all of those beside it")
    func failures() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        let records = try (0..<30).map { number in
            try StoreFixture.record("20260227-\(1000 + number)", at: StoreFixture.instant("2026-02-27", second: number))
        }
        let period = try #require(period)
        let done = Monitor<[Int: Bool]>([:])
        for (number, record) in records.enumerated() {
            let command = TestCommand(period: period) { (shard) throws(StoreError) in
                if number % 3 == 1 { throw .absent(record.id) }  // Before it puts.
                let revision = try shard.put(record)
                if number % 3 == 2 { throw .absent(record.id) }  // And after.
                return revision
            }
            store.submit(command) { result in
                let isDone = (try? result.get()) != nil
                done.signal { $0[number] = isDone }
            }
        }
        let outcomes = done.wait { $0.count == records.count ? $0 : nil }
        #expect(outcomes.filter(\.value).keys.sorted() == records.indices.filter { $0 % 3 == 0 })
        #expect(try store.makeReader().ids().count == 10)
        #expect(store.articleCount == 10)
    }

    @Test(
        "tells its caller when the change can be read, and not before", arguments: [WriteLane.foreground, .background])
    func completion(lane: WriteLane) throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        let told = Monitor<[(id: String, revision: UInt64?, isRead: Bool)]>([])
        for number in 0..<100 {
            let id = "20260\(1 + number % 6)15-\(1000 + number)"
            let record = try StoreFixture.record(id, at: StoreFixture.instant("2026-0\(1 + number % 6)-15"))
            let command = TestCommand(period: store.period(of: record.sortInstant)) { (shard) throws(StoreError) in
                try shard.put(record)
            }
            store.submit(command, lane: lane) { result in
                let reader = try? store.makeReader()
                let isRead = reader?.text(id).text == "full \(id)"
                told.signal { $0.append((id, try? result.get(), isRead)) }
            }
        }
        let reader = try store.makeReader()
        for number in 0..<100 {
            let answer = told.wait { $0.count > number ? $0[number] : nil }
            let revision = try #require(answer.revision)
            #expect(answer.isRead)
            // Another commit may be before it: then these wait for that.
            #expect(try reader.ids().contains(answer.id))
            reader.waitForTold()
            #expect(store.publishedRevision >= revision)
        }
    }

    @Test("serves who waits before the background, and finishes both")
    func lanes() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory) { $0.backgroundSlice = .microseconds(1) }
        let order = Monitor<[Int]>([])
        let (begun, gate) = (WaitFlag(), WaitFlag())
        let period = try #require(period)
        // The writer is held until all have been submitted.
        store.submit(
            TestCommand(period: period) { (_) throws(StoreError) in
                begun.raise()
                gate.wait()
            }
        ) { _ in }
        begun.wait()
        for number in 0..<40 {
            let record = try StoreFixture.record(
                "20260227-\(1000 + number)", at: StoreFixture.instant("2026-02-27", second: number))
            let command = TestCommand(period: period) { (shard) throws(StoreError) in try shard.put(record) }
            store.submit(command, lane: number < 20 ? .background : .foreground) { _ in
                order.signal { $0.append(number) }
            }
        }
        gate.raise()
        let done = order.wait { $0.count == 40 ? $0 : nil }
        #expect(Array(done.prefix(20)) == Array(20..<40))
        #expect(done.dropFirst(20).sorted() == Array(0..<20))
    }

    @Test(
        "an import over few shards, mixed, commits each once; beside others at most 96 at a time",
        arguments: [true, false])
    func roundsOfImports(isQuiet: Bool) throws {
        let directory = try TemporaryDirectory("store")
        let commits = Monitor<[Period: Int]>([:])
        let store = try StoreFixture.open(directory) { options in
            options.backgroundSlice = .seconds(60)
            options.quietTime = isQuiet ? .zero : .seconds(3600)
            options.commitFault = { moment, period in
                if moment == .before { commits.signal { $0[period, default: 0] += 1 } }
                return nil
            }
        }
        let done = Monitor(0)
        let (begun, gate) = (WaitFlag(), WaitFlag())
        let period = try #require(period)
        store.submit(
            TestCommand(period: period) { (_) throws(StoreError) in
                begun.raise()
                gate.wait()
            }
        ) { _ in }
        begun.wait()
        for number in 0..<600 {
            let month = String(number < 100 ? 1 : number % 10 < 5 ? number % 5 + 2 : 1)
            let record = try StoreFixture.record(
                "20260\(month)10-\(1000 + number)", at: StoreFixture.instant("2026-0\(month)-10", second: number))
            let command = TestCommand(period: try #require(Period("2026-0\(month)"))) { (shard) throws(StoreError) in
                try shard.put(record)
            }
            store.submit(command, lane: .background) { _ in done.signal { $0 += 1 } }
        }
        gate.raise()
        done.wait { $0 == 600 ? () : nil }
        #expect(store.isQuiet == isQuiet)
        store.close()
        #expect(commits.withLock { $0.count } == 6)
        let first = try #require(Period("2026-01"))
        let firstCount = commits.withLock { $0[first, default: 0] }
        #expect(firstCount == (isQuiet ? 1 : 4))  // It has 350 of them.
        #expect(commits.withLock { $0.count { $0.key != first && $0.value == 1 } } == 5)
    }

    @Test("a slice of the background ends early for who waits, and what it has done by then is committed")
    func slicesEndEarly() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory) { $0.backgroundSlice = .seconds(3600) }
        let period = try #require(period)
        let order = Monitor<[String]>([])
        let record = try StoreFixture.record("20260227-1000", at: StoreFixture.instant("2026-02-27"))
        let (isHeld, gate, isWorking, goesOn) = (WaitFlag(), WaitFlag(), WaitFlag(), WaitFlag())
        store.submit(
            TestCommand(period: period) { (_) throws(StoreError) in
                isHeld.raise()
                gate.wait()
            }
        ) { _ in }
        isHeld.wait()
        // One slice takes all three of the background.
        store.submit(
            TestCommand(period: period) { (shard) throws(StoreError) in
                isWorking.raise()
                goesOn.wait()
                let end = MonotonicClock.now + 5_000_000  // Longer than a turn.
                while MonotonicClock.now < end {}
                _ = try shard.put(record)
            }, lane: .background
        ) { _ in order.signal { $0.append("1") } }
        for number in 2...3 {
            store.submit(TestCommand(period: period) { (_) throws(StoreError) in }, lane: .background) { _ in
                order.signal { $0.append("\(number)") }
            }
        }
        gate.raise()
        isWorking.wait()
        store.submit(TestCommand(period: period) { (_) throws(StoreError) in }) { _ in
            order.signal { $0.append("foreground") }
        }
        goesOn.raise()
        #expect(order.wait { $0.count == 4 ? $0 : nil } == ["1", "foreground", "2", "3"])
    }

    @Test("what completions put off is done once the whole round has been told")
    func afterTelling() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        let period = try #require(period)
        let seen = Monitor<[String]>([])
        let (begun, gate) = (WaitFlag(), WaitFlag())
        store.submit(
            TestCommand(period: period) { (_) throws(StoreError) in
                begun.raise()
                gate.wait()
            }
        ) { _ in }
        begun.wait()
        for _ in 0..<3 {
            store.submit(TestCommand(period: period) { (_) throws(StoreError) in }) { _ in
                seen.signal { $0.append("told") }
                store.afterTelling { seen.signal { $0.append("after") } }
            }
        }
        gate.raise()
        #expect(seen.wait { $0.count == 6 ? $0 : nil } == ["told", "told", "told", "after", "after", "after"])
        store.close()
        store.afterTelling { seen.signal { $0.append("at once") } }
        #expect(seen.withLock { $0.last } == "at once")
    }

    @Test("remembers requests of the last day over a restart, in whichever shard, and no longer")
    func requests() throws {
        let directory = try TemporaryDirectory("store")
        let now = Atomic64(StoreFixture.noon.microseconds)
        let clock: @Sendable () -> Instant = { Instant(microseconds: now.value) }
        let first = try #require(Period("2026-01"))
        let second = try #require(period)
        let id = try StoreFixture.id("20260115-aaaa")
        do {
            let store = try StoreFixture.open(directory) { $0.clock = clock }
            try store.run(first) { (shard) throws(StoreError) in
                try shard.remember(request: "r-1", fingerprint: [1], article: id)
            }
            store.close()
        }
        let store = try StoreFixture.open(directory) { $0.clock = clock }
        let record = try store.run(second) { (shard) throws(StoreError) in shard.request("r-1") }
        #expect(
            record
                == RequestRecord(
                    id: "r-1", fingerprint: [1], article: id, period: first, time: StoreFixture.noon))
        now.value += 24 * 3_600_000_000 + 1
        #expect(try store.run(second) { (shard) throws(StoreError) in shard.now } == clock())
        #expect(try store.run(second) { (shard) throws(StoreError) in shard.request("r-1") } == nil)
    }

    @Test("makes a channel once, whoever asks for it first, and finds it by id and display name")
    func channels() throws {
        let directory = try TemporaryDirectory("store")
        let period = try #require(period)
        do {
            let store = try StoreFixture.open(directory)
            #expect(
                try store.run(period) { (shard) throws(StoreError) in
                    try shard.channel(named: "资讯", create: false)
                } == nil)
            for name in ["资讯", "Tech News", "tech-news", "tech news", "资讯"] {
                _ = try store.run(period) { (shard) throws(StoreError) in try shard.channel(named: name, create: true) }
            }
            store.close()
        }
        let store = try StoreFixture.open(directory)
        #expect(store.channels.all.map(\.displayName) == ["资讯", "Tech News", "tech news"])
        #expect(store.channels.all.map(\.number) == [1, 2, 3])
        #expect(store.channels.channel(named: "tech-news")?.number == 2)
        #expect(store.channels.channel(number: 1)?.displayName == "资讯")
        let id = try #require(store.channels.channel(displayName: "资讯")?.id)
        #expect(store.channels.channel(named: id.text)?.number == 1)
    }

    @Test("gives an id that names no shard to one shard only")
    func claims() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        try store.put(StoreFixture.record("some-own-id", at: StoreFixture.instant("2026-02-27")))
        #expect(throws: StoreError.locatedElsewhere(try #require(period))) {
            try store.put(StoreFixture.record("some-own-id", at: StoreFixture.instant("2026-01-27")))
        }
        try store.put(StoreFixture.record("some-own-id", at: StoreFixture.instant("2026-02-01")))
        #expect(store.articleCount == 1)
    }

    @Test("refuses what is too large, and goes on")
    func tooLarge() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory)
        let instant = try StoreFixture.instant("2026-02-27")
        let big = [UInt8](repeating: 1, count: ArticleRecord.partCountMax + 1)
        #expect(throws: StoreError.tooLarge(what: "article", byteCount: big.count, limit: big.count - 1)) {
            try store.put(StoreFixture.record("20260227-aaaa", at: instant, full: big))
        }
        try store.put(StoreFixture.record("20260227-aaaa", at: instant))
    }

    @Test("says that a shard is full, keeps what it has, and still takes what fits")
    func full() throws {
        let directory = try TemporaryDirectory("store")
        let store = try StoreFixture.open(directory) { $0.mapSize = 1 << 20 }
        let instant = try StoreFixture.instant("2026-02-27")
        try store.put(StoreFixture.record("20260227-aaaa", at: instant))
        let big = try StoreFixture.record("20260227-bbbb", at: instant, full: [UInt8](repeating: 1, count: 2 << 20))
        for _ in 0..<2 {
            #expect(throws: StoreError.full(path: directory.entry("store/shards/2026-02"))) { try store.put(big) }
        }
        let reader = try store.makeReader()
        #expect(try reader.ids() == ["20260227-aaaa"])
        try store.put(StoreFixture.record("20260227-cccc", at: instant))
        #expect(try reader.ids() == ["20260227-aaaa", "20260227-cccc"])
    }
}

/// A number that a test changes while the store's thread reads it.
final class Atomic64: Sendable {
    private let number: Mutex<Int64>

    init(_ number: Int64) { self.number = Mutex(number) }

    var value: Int64 {
        get { number.withLock { $0 } }
        set { number.withLock { $0 = newValue } }
    }
}

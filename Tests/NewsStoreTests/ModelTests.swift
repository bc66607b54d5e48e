import Bytes
import NewsModel
import NewsStore
import TestKit
import Testing
import Threads

/// Long random histories, compared with a plain dictionary.
@Suite("A random history") struct ModelTests {
    /// What the store should hold.
    private struct Model {
        var records: [String: ArticleRecord] = [:]
        var revisions: [String: UInt64] = [:]
        /// When deleted articles are to be purged.
        var purgeTimes: [String: Instant] = [:]

        func key(_ record: ArticleRecord, newestFirst: Bool) -> [UInt8] {
            let order = RowOrder(sortInstant: record.sortInstant, pageOrder: record.pageOrder)
            return newestFirst ? order.newestFirstKey(record.id) : order.oldestFirstKey(record.id)
        }

        /// The rows that a scan should give.
        func rows(_ scan: ListScan) -> [ArticleRecord] {
            let isBounded = scan.lower != nil || scan.upper != nil
            let after = scan.after.flatMap { key in records.values.first { self.key($0, newestFirst: true) == key } }
            return records.values.filter { record in
                if let channel = scan.channel, record.channel != channel { return false }
                if let source = scan.source, record.source != source { return false }
                if let after,
                    !self.key(after, newestFirst: scan.newestFirst)
                        .lexicographicallyPrecedes(self.key(record, newestFirst: scan.newestFirst))
                {
                    return false
                }
                guard let instant = record.sortInstant else { return !isBounded && scan.includesUndated }
                return instant >= scan.lower ?? .timestampMin && instant < scan.upper ?? .timestampMax
            }.sorted {
                key($0, newestFirst: scan.newestFirst).lexicographicallyPrecedes(key($1, newestFirst: scan.newestFirst))
            }
        }
    }

    private static let sources = ["", "新华社", "浙江省药监局", "Xinhua"]

    private func randomRecord(_ random: inout SeededGenerator, _ number: Int) throws -> ArticleRecord {
        let day = CivilDate(daysSinceEpoch: 20_450 + Int.random(in: 0..<150, using: &random))
        let isUndated = random.oneIn(12)
        let second = Int.random(in: 0..<3, using: &random)
        let instant = isUndated ? nil : try StoreFixture.instant(day.description, second: second)
        let prefix = isUndated ? "00000000" : day.description.replacing("-", with: "")
        let id = random.oneIn(8) ? "own-id-\(number)" : "\(prefix)-n\(number)"
        let size = Int.random(in: 0..<(random.oneIn(6) ? 15_000 : 400), using: &random)
        var record = try StoreFixture.record(
            id, at: instant, order: UInt16.random(in: 0..<4, using: &random), title: "t\(number % 7)",
            channel: UInt32.random(in: 0..<3, using: &random), source: Self.sources.randomElement(using: &random) ?? "",
            full: random.bytes(size), row: random.bytes(size / 3),
            capture: random.oneIn(3) ? random.bytes(size / 2) : [], views: Int64.random(in: 0..<100, using: &random))
        record.counters.known = .views
        return record
    }

    private func randomScan(_ random: inout SeededGenerator, _ model: Model) throws -> ListScan {
        var scan = ListScan()
        scan.newestFirst = Bool.random(using: &random)
        scan.includesUndated = !random.oneIn(4)
        if random.oneIn(3) { scan.channel = UInt32.random(in: 1..<4, using: &random) }
        if random.oneIn(3) { scan.source = Self.sources[Int.random(in: 1..<4, using: &random)] }
        let known = model.records.values.sorted { $0.id < $1.id }
        if random.oneIn(2) { scan.lower = known.randomElement(using: &random)?.sortInstant }
        if random.oneIn(2) { scan.upper = known.randomElement(using: &random)?.sortInstant }
        if random.oneIn(3), let record = known.randomElement(using: &random) {
            scan.after = model.key(record, newestFirst: true)
        }
        return scan
    }

    private func compare(_ reader: StoreReader, _ scan: ListScan, _ model: Model) throws {
        let wanted = model.rows(scan)
        let rows = try reader.rawRows(scan)
        #expect(rows.map(\.id) == wanted.map(\.id.text), "\(scan)")
        for (row, record) in zip(rows, wanted) {
            #expect((row.bytes == record.row.bytes) as Bool)
            guard case .row(let header, let counters) = row.item else {
                Issue.record("\(row.item)")
                continue
            }
            #expect(counters == record.counters)
            #expect(header.revision == model.revisions[record.id.text])
            #expect(header.purgeTime == model.purgeTimes[record.id.text])
        }
    }

    /// Deletes an article, brings it back, removes it, or moves it to any time.
    private func change(
        _ old: ArticleRecord, _ store: Store, _ model: inout Model, _ random: inout SeededGenerator
    ) throws {
        let id = old.id.text
        let period = store.period(of: old.sortInstant)
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            let time = StoreFixture.noon + .seconds(Int.random(in: 1..<9, using: &random) * 86_400)
            model.revisions[id] = try store.run(period) { (shard) throws(StoreError) in
                try shard.delete(old.id, purgeTime: time).revision
            }
            model.purgeTimes[id] = time
        case 1:
            model.revisions[id] = try store.run(period) { (shard) throws(StoreError) in
                try shard.undelete(old.id).revision
            }
            model.purgeTimes[id] = nil
        case 2:
            try store.run(period) { (shard) throws(StoreError) in _ = try shard.purge(old.id) }
            (model.records[id], model.revisions[id], model.purgeTimes[id]) = (nil, nil, nil)
        default:
            var record = try randomRecord(&random, 0)
            record.id = old.id
            if record.capture.isEmpty { record.capture = old.capture }
            guard store.period(of: record.sortInstant) != period, model.purgeTimes[id] == nil else { return }
            model.revisions[id] = try store.move(record, from: period)
            model.records[id] = record
        }
    }

    private func compareReads(_ reader: StoreReader, _ model: Model) {
        for (id, record) in model.records {
            let parts = [(StoreReader.Part.full, record.full), (.row, record.row.bytes), (.capture, record.capture)]
            for (part, bytes) in parts {
                let (outcome, found) = reader.bytes(id, part)
                #expect((found == bytes) as Bool)
                guard case .found(let header, let counters) = outcome else {
                    Issue.record("\(id): \(outcome)")
                    continue
                }
                #expect(header.revision == model.revisions[id])
                #expect(header.sortInstant == record.sortInstant && header.pageOrder == record.pageOrder)
                #expect(counters == record.counters)
            }
        }
        for id in ["20260101-absent", "own-id-absent"] { #expect(reader.bytes(id, .full).outcome == .absent) }
    }

    /// The last change of each article, and of those that are gone.
    private func compareChanges(_ reader: StoreReader, _ model: Model) throws {
        let changes = try reader.changes(after: 0, limit: .max).changes
        #expect(zip(changes, changes.dropFirst()).allSatisfy { $0.revision < $1.revision })
        let last = Dictionary(changes.map { ($0.id.text, $0) }) { $1 }
        #expect(last.filter { $0.value.kind != .purged }.mapValues(\.revision) == model.revisions)
    }

    @Test(
        "of writes of every kind and reads over several shards, with restarts, equals a plain dictionary's",
        arguments: [[1, 1, 1, 1], [2, 2, 2, 2], [4, 1, 3, 1]])
    func history(slots: [Int]) throws {
        var random = SeededGenerator.forTest("random history")
        let directory = try TemporaryDirectory("model")
        var model = Model()
        var count = 0
        for round in 0..<4 {
            let store = try StoreFixture.open(directory) { options in
                options.openShardsMax = round == 2 ? 2 : 256
                if round == 0 { options.slotCount = slots[0] }
            }
            if round == 0 {
                for name in ["one", "two", "three"] {
                    _ = try store.run(.undated) { (shard) throws(StoreError) in
                        try shard.channel(named: name, create: true)
                    }
                }
            }
            #expect(store.articleCount == model.records.count)
            let reader = try store.makeReader()
            for step in 0..<60 {
                if step == 30, store.layout.slotCount != slots[round] {
                    // The second half of a list, after it has been divided anew, behind the first.
                    let scan = try randomScan(&random, model)
                    let half = try reader.rawRows(scan, limit: model.rows(scan).count / 2)
                    _ = try store.reshard(slots: slots[round])
                    var rest = scan
                    rest.after = half.last?.key ?? scan.after
                    let rows = try half + reader.rawRows(rest)
                    #expect(rows.map(\.id) == model.rows(scan).map(\.id.text), "\(scan)")
                }
                if random.oneIn(4),
                    let old = model.records.values.sorted(by: { $0.id < $1.id }).randomElement(using: &random)
                {
                    try change(old, store, &model, &random)
                    if step % 6 == 0 { try compare(reader, randomScan(&random, model), model) }
                    continue
                }
                var record = try randomRecord(&random, count)
                // Half of the puts replace, and may move the article within its period.
                let known = model.records.values.sorted { $0.id < $1.id }
                if Bool.random(using: &random), let old = known.randomElement(using: &random),
                    model.purgeTimes[old.id.text] == nil,
                    store.period(of: old.sortInstant) == store.period(of: record.sortInstant)
                {
                    record.id = old.id
                    if record.capture.isEmpty { record.capture = old.capture }
                } else {
                    count += 1
                }
                model.revisions[record.id.text] = try store.put(record)
                model.records[record.id.text] = record
                if step % 6 == 0 { try compare(reader, randomScan(&random, model), model) }
            }
            compareReads(reader, model)
            try compareChanges(reader, model)
            store.close()
            let summary = try Store.check(directory.entry("store")) { Issue.record("\($0)") }
            #expect(summary.articleCount == model.records.count)
        }
    }

    @Test("of concurrent writes never shows half a round, a lost write or an order that is none")
    func concurrent() throws {
        let directory = try TemporaryDirectory("model")
        let store = try StoreFixture.open(directory)
        let total = 240
        let acknowledged = Monitor<Set<String>>([])
        let problems = Monitor<[String]>([])
        let readers = (0..<2).map { index in
            Thread.start(name: "reader-\(index)") {
                guard let reader = try? store.makeReader() else { return }
                var position: UInt64 = 0
                while true {
                    let before = acknowledged.withLock { known in known }
                    var keys: [[UInt8]] = []
                    var revisions: Set<UInt64> = []
                    let result = try? reader.scan(ListScan()) { key, _, item in
                        keys.append(key.indices.map { key[$0] })
                        if case .row(let header, _) = item { revisions.insert(header.revision) }
                        return true
                    }
                    reader.endTurn()
                    let ids = Set(keys.map { String(decoding: $0.dropFirst(RowKey.idOffset), as: UTF8.self) })
                    problems.signal { problems in
                        if let result, result.end == .finished {
                            if !before.isSubset(of: ids) { problems.append("an acknowledged write is missing") }
                            if result.position < position { problems.append("the position went back") }
                            let upTo = Set((1...max(1, result.position)).filter { _ in result.position > 0 })
                            if revisions != upTo { problems.append("at \(result.position): \(revisions.count) rows") }
                            position = result.position
                        }
                        if !zip(keys, keys.dropFirst()).allSatisfy({ $0.lexicographicallyPrecedes($1) }) {
                            problems.append("rows out of order")
                        }
                    }
                    if before.count == total { return }
                }
            }
        }
        for number in 0..<total {
            let month = 1 + number % 4
            let id = "20260\(month)15-\(1000 + number)"
            let record = try StoreFixture.record(id, at: StoreFixture.instant("2026-0\(month)-15", second: number))
            let command = TestCommand(period: store.period(of: record.sortInstant)) { (shard) throws(StoreError) in
                try shard.put(record)
            }
            store.submit(command, lane: number % 3 == 0 ? .background : .foreground) { result in
                if (try? result.get()) == nil { problems.signal { $0.append("a write failed") } }
                acknowledged.broadcast { _ = $0.insert(id) }
            }
        }
        for thread in readers { thread.join() }
        #expect(problems.withLock { problems in problems } == [])
        #expect(store.articleCount == total)
    }
}

extension StoreReader {
    struct RawRow {
        let key: [UInt8]
        let id: String
        let bytes: [UInt8]
        let item: ScanItem
    }

    func rawRows(_ scan: ListScan, limit: Int = .max) throws -> [RawRow] {
        var rows: [RawRow] = []
        if limit == 0 { return rows }
        var scan = scan
        while true {
            var last: [UInt8]?
            let result = try self.scan(scan) { key, row, item in
                let bytes = key.indices.map { key[$0] }
                last = bytes
                rows.append(
                    RawRow(
                        key: bytes, id: String(decoding: bytes.dropFirst(RowKey.idOffset), as: UTF8.self),
                        bytes: row.indices.map { row[$0] }, item: item))
                return rows.count < limit
            }
            endTurn()
            guard result.end == .cut, let last else { return rows }
            scan.after = last  // The page ended early, because its moment was over.
        }
    }

    func bytes(_ id: String, _ part: Part) -> (outcome: ReadOutcome, bytes: [UInt8]) {
        let arena = ByteArena()
        let outcome = read(Array(id.utf8).span, part, appendingTo: arena)
        endTurn()
        return (outcome, arena.bytes)
    }
}

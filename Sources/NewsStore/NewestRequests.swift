internal import LMDB
internal import NewsModel

/// The newest requests of each kind, as many as are remembered, of shards that are read one after the other.
struct NewestRequests {
    private let options: StoreOptions
    private var lines: [[RequestRecord]]
    /// Older ones need not be read.
    private(set) var start: Instant

    init(since start: Instant, _ options: StoreOptions) {
        self.start = start
        self.options = options
        lines = RequestRecord.Kind.allCases.map { _ in [] }
    }

    var records: [RequestRecord] { Array(lines.joined()) }

    mutating func append(_ record: RequestRecord) {
        let (index, countMax) = (Int(record.kind.rawValue), max(1, options.requestCountMax(record.kind)))
        lines[index].append(record)
        // Now and then, so that each is moved about a few times.
        if lines[index].count / 2 >= countMax { trim(index, countMax) }
    }

    /// A shard has been read.
    mutating func trim() {
        var firsts: [Instant] = []
        for kind in RequestRecord.Kind.allCases {
            let (index, countMax) = (Int(kind.rawValue), max(1, options.requestCountMax(kind)))
            trim(index, countMax)
            if lines[index].count == countMax { firsts.append(lines[index][0].time) }
        }
        // While one kind has room, all of it are wanted.
        if firsts.count == lines.count, let first = firsts.min() { start = max(start, first) }
    }

    private mutating func trim(_ index: Int, _ countMax: Int) {
        lines[index].sort { $0.time < $1.time }
        lines[index].removeFirst(max(0, lines[index].count - countMax))
    }
}

extension Shard {
    /// The requests that the shard has had since `time`.
    func requests(since time: Instant) throws(StoreError) -> [RequestRecord] {
        var records: [RequestRecord] = []
        try visitRequests(since: time) { records.append($0) }
        return records
    }

    func visitRequests(since time: Instant, _ body: (RequestRecord) -> Void) throws(StoreError) {
        let environment = try file.pin()
        defer { file.unpin() }
        let start = Key(requestTime: time)
        do throws(LMDBError) {
            let transaction = try environment.beginRead()
            try transaction.withCursor(in: environment.table(ShardTable.requests)) { (cursor) throws(LMDBError) in
                var stands = try start.withSpan { (key) throws(LMDBError) in try cursor.seek(key) }
                while stands {
                    cursor.withEntry { key, value in
                        // A damaged one is named by `check`; without it a repeated request is done again.
                        if let record = RequestRecord(key, value, period) { body(record) }
                    }
                    stands = try cursor.move(.next)
                }
            }
        } catch {
            throw StoreError(error, path: file.path)
        }
    }
}

extension RequestRecord {
    /// Reads an entry of `requests`; `nil` when it is damaged.
    init?(_ key: Span<UInt8>, _ value: Span<UInt8>, _ period: Period) {
        guard Sealed.isSound(value, key: key, seed: ShardTable.requests.seed), let content = RequestValue(value),
            let time = Base32Hex.number(in: key, 0..<Base32Hex.uint64Count)
        else { return nil }
        self.init(
            content.kind, id: content.requestID, fingerprint: content.fingerprint, article: content.article,
            period: period, time: Instant(microseconds: Int64(clamping: time)))
    }
}

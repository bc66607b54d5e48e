internal import LMDB
internal import NewsModel

/// Puts a fresh shard in order, into which everything sound of the old one was taken: what can be derived is made from
/// the articles, and what cannot be made good is taken out.
final class ShardRebuild {
    private let shard: Shard
    private let environment: Environment
    private let directory: StoreDirectory
    private let makeRow: RowMaker
    /// Revisions at which articles left the shard for good.
    private let ends: [ArticleID: UInt64]
    private var meta: ShardMeta
    /// The articles that are whole.
    private(set) var present: Set<ArticleID> = []
    private(set) var rebuiltRowCount = 0
    /// What was taken out, or is missing.
    private(set) var outcasts: [Outcast] = []
    private(set) var lostCounterCount = 0

    init(
        _ shard: Shard, _ environment: Environment, _ directory: StoreDirectory, ends: [ArticleID: UInt64],
        _ makeRow: @escaping RowMaker
    ) {
        self.shard = shard
        self.environment = environment
        self.directory = directory
        self.makeRow = makeRow
        meta = ShardMeta(storeID: directory.file.id, period: shard.period)
        self.ends = ends
    }

    func run() throws(LMDBError) {
        try forEachRecord(in: .articles) { (key, transaction) throws(LMDBError) in
            try restore(key, &transaction)
        }
        try forEachRecord(in: .captures) { (key, transaction) throws(LMDBError) in
            try restoreCapture(key, &transaction)
        }
        try writeMeta()
        // What is wrong now is no article's fault: it goes, until nothing is left to say.
        for _ in 0..<5 {
            let findings = try ShardRebuild.findings(shard, environment, directory)
            if findings.isEmpty { return }
            var transaction = try environment.beginWrite()
            for finding in findings { try remove(finding, &transaction) }
            try transaction.commit()
            try writeMeta()
        }
    }

    /// What a check says of a shard, leaving aside what the catalog has to do with it.
    static func findings(
        _ shard: Shard, _ environment: Environment, _ directory: StoreDirectory
    ) throws(LMDBError) -> [CheckFinding] {
        var findings: [CheckFinding] = []
        let expected = ShardCheck.Expected(
            storeID: directory.file.id, layout: directory.file.layout, zone: directory.zone,
            channelNumbers: nil, isLocatedHere: { _, _ in true }, moving: [])
        try ShardCheck(shard, environment, expected) { findings.append($0) }.run()
        return findings
    }

    /// Calls `body` with the keys of all records, some hundred in a transaction.
    private func forEachRecord(
        in table: ShardTable, _ body: ([UInt8], inout WriteTransaction) throws(LMDBError) -> Void
    ) throws(LMDBError) {
        var last: [UInt8] = []
        while true {
            let keys = try keys(of: table, after: last)
            guard let end = keys.last else { return }
            var transaction = try environment.beginWrite()
            for key in keys where !Key.isPiece(key.span) { try body(key, &transaction) }
            try transaction.commit()
            last = end
        }
    }

    private func keys(of table: ShardTable, after last: [UInt8]) throws(LMDBError) -> [[UInt8]] {
        var keys: [[UInt8]] = []
        let transaction = try environment.beginRead()
        try transaction.withCursor(in: environment.table(table)) { (cursor) throws(LMDBError) in
            var stands = last.isEmpty ? try cursor.move(.first) : try cursor.seek(last.span)
            while stands, keys.count < 500 {
                cursor.withEntry { key, _ in if Array(key) != last { keys.append(Array(key)) } }
                stands = try cursor.move(.next)
            }
        }
        return keys
    }

    private func writeMeta() throws(LMDBError) {
        var transaction = try environment.beginWrite()
        meta.articleCount = UInt64(present.count)
        let changes = environment.table(ShardTable.changes)
        let requests = environment.table(ShardTable.requests)
        if let key = try transaction.lastKey(in: changes), let revision = Key.revision(key.span) {
            meta.lastRevision = max(meta.lastRevision, revision)
        }
        let count = Base32Hex.uint64Count
        if let key = try transaction.lastKey(in: requests), key.count >= count,
            let time = Base32Hex.number(in: key.span, 0..<count)
        {
            meta.lastRequestTime = Instant(microseconds: Int64(clamping: time))
        }
        try transaction.put(meta, in: environment)
        try transaction.commit()
    }

    private func remove(_ finding: CheckFinding, _ transaction: inout WriteTransaction) throws(LMDBError) {
        let key = Array(finding.key.utf8)
        guard let table = ShardTable.allCases.first(where: { $0.name == finding.table }),
            table != .articles || Key.isPiece(key.span), !(table == .meta && finding.key == ShardMeta.key),
            let value = try transaction.copy(key, in: environment.table(table))
        else { return }
        outcasts.append((table.name, key, value, finding.problem))
        try transaction.remove(key.span, in: environment.table(table))
    }
}

/// One article at a time.
extension ShardRebuild {
    private func restore(_ key: [UInt8], _ transaction: inout WriteTransaction) throws(LMDBError) {
        let articles = environment.table(ShardTable.articles)
        guard let value = try transaction.copy(key, in: articles) else { return }
        guard let id = ArticleID(key.span), let header = RecordHeader(value.span),
            Period(of: header.sortInstant, directory.file.layout, zone: directory.zone) == shard.period
        else { return try castOut(key, in: .articles, "it is no article of this shard", &transaction) }
        guard let full = try content(key, in: .articles, value, header, &transaction) else {
            return try castOut(key, in: .articles, "a piece of it is missing", &transaction)
        }
        if let end = ends[id], header.revision < end {
            // An old version, of an article that was purged or went to another shard since.
            return try removeRecord(key, in: .articles, &transaction)
        }
        let rowKey = header.order.newestFirstKey(id)
        guard let links = try restoreRow(rowKey, id, header, value, full, &transaction) else {
            return try castOut(key, in: .articles, "no row can be made of it", &transaction)
        }
        for (table, indexKey) in indexKeys(header, links, id) {
            try put(indexKey.array, in: table, &transaction) { $0.append(header.revision) }
        }
        try put(Key(titleDay: links.titleDay, ordinal: links.ordinal).array, in: .titleDays, &transaction) {
            $0.append(id.text.utf8)
        }
        try restoreCounters(rowKey, id, &transaction)
        let change = Key(revision: header.revision).array
        let noted = try transaction.copy(change, in: environment.table(ShardTable.changes))
        if noted.flatMap({ ChangeValue($0.span) })?.id != id {
            let kind: ChangeValue.Kind = header.isDeleted ? .deleted : .updated
            try put(change, in: .changes, &transaction) {
                ChangeValue(kind: kind, time: header.updateTime, id: id).append(to: &$0)
            }
        }
        if let time = header.purgeTime {
            try put(purgeKey(time, id), in: .meta, &transaction) { $0.append(header.revision) }
        }
        meta.lastRevision = max(meta.lastRevision, header.revision)
        present.insert(id)
    }

    /// Keeps the counters, or begins new ones. Likes and favorites that happened here can be counted again.
    private func restoreCounters(
        _ rowKey: [UInt8], _ id: ArticleID, _ transaction: inout WriteTransaction
    ) throws(LMDBError) {
        var counts: (likes: Int64, favorites: Int64) = (0, 0)
        let tables = ShardTables((0..<ShardTable.allCases.count).map { environment.table($0) })
        try transaction.visitReactions(of: id, tables) { key, value in
            if let key = ReactionKey(Array(key)), ReactionValue(value) != nil {
                if key.isLike { counts.likes += 1 } else { counts.favorites += 1 }
            }
            return true
        }
        let stored = try transaction.copy(rowKey, in: tables[.stats]).flatMap { StatsValue($0.span) }
        if stored == nil {
            lostCounterCount += 1
            outcasts.append((ShardTable.stats.name, rowKey, [], "the counters of \(id) are lost"))
        }
        var stats = stored ?? StatsValue(base: Counters())
        if counts.likes != stats.events.likes { stats.events.known.insert(.likes) }
        if counts.favorites != stats.events.favorites { stats.events.known.insert(.favorites) }
        (stats.events.likes, stats.events.favorites) = counts
        if stats != stored { try put(rowKey, in: .stats, &transaction) { stats.append(to: &$0) } }
    }

    /// Keeps the row of the article's version, or makes it.
    ///
    /// - Returns: what it says of the article's places; `nil` when none can be made.
    private func restoreRow(
        _ rowKey: [UInt8], _ id: ArticleID, _ header: RecordHeader, _ article: [UInt8], _ full: [UInt8],
        _ transaction: inout WriteTransaction
    ) throws(LMDBError) -> RowLinks? {
        if let row = try transaction.copy(rowKey, in: environment.table(ShardTable.rows)),
            RecordHeader(row.span) == header, let links = RowLinks(row: row.span),
            try content(rowKey, in: .rows, row, header, &transaction) != nil
        {
            return links
        }
        guard let made = makeRow(full) else { return nil }
        try removeRecord(rowKey, in: .rows, &transaction)
        let links = RowLinks(
            sourceHash: RowLinks.sourceHash(of: made.source), titleDay: made.titleDay,
            ordinal: try ordinal(of: id, made.titleDay, &transaction))
        try putRecord(rowKey, in: .rows, head: article, links, made.row, &transaction)
        rebuiltRowCount += 1
        return links
    }

    /// The ordinal that the article has among those of its title and day, or the first that is free.
    private func ordinal(
        of id: ArticleID, _ titleDay: TitleDay, _ transaction: inout WriteTransaction
    ) throws(LMDBError) -> UInt16 {
        var free: UInt16?
        for ordinal in 0..<UInt16.max {
            let key = Key(titleDay: titleDay, ordinal: ordinal).array
            guard let value = try transaction.copy(key, in: environment.table(ShardTable.titleDays)) else {
                // Its own may lie behind a gap, but gaps are rare: an article that takes one loses nothing.
                return free ?? ordinal
            }
            if titleDayEntry(key.span, value.span)?.id == id { return ordinal }
            if titleDayEntry(key.span, value.span) == nil, free == nil { free = ordinal }
        }
        return free ?? .max
    }

    private func restoreCapture(_ key: [UInt8], _ transaction: inout WriteTransaction) throws(LMDBError) {
        guard let value = try transaction.copy(key, in: environment.table(ShardTable.captures)) else { return }
        if let id = ArticleID(key.span), present.contains(id), let header = RecordHeader(value.span),
            try content(key, in: .captures, value, header, &transaction) != nil
        {
            return
        }
        try castOut(key, in: .captures, "it has no article, or a piece of it is missing", &transaction)
    }
}

/// Records and their pieces.
extension ShardRebuild {
    /// What a record holds; `nil` when a piece is missing.
    private func content(
        _ key: [UInt8], in table: ShardTable, _ first: [UInt8], _ header: RecordHeader,
        _ transaction: inout WriteTransaction
    ) throws(LMDBError) -> [UInt8]? {
        let pieceCount = RecordHeader.pieceCount(first.span)
        guard (1...RecordHeader.pieceCountMax).contains(pieceCount) else { return nil }
        var content = Array(first.dropFirst(RecordHeader.byteCount))
        for number in 1..<max(1, pieceCount) {
            let pieceKey = Key(key.span, piece: number).array
            guard let piece = try transaction.copy(pieceKey, in: environment.table(table)),
                PieceHeader(piece.span)
                    == PieceHeader(number: number, revision: header.revision, pieceCount: pieceCount)
            else { return nil }
            content += piece.dropFirst(RecordHeader.pieceByteCount)
        }
        return content
    }

    /// - Parameter head: of which value the record gets its head.
    private func putRecord(
        _ key: [UInt8], in table: ShardTable, head: [UInt8], _ links: RowLinks, _ content: [UInt8],
        _ transaction: inout WriteTransaction
    ) throws(LMDBError) {
        let firstRoom = Sealed.valueCountMax - RecordHeader.byteCount - RowLinks.byteCount
        let pieceRoom = Sealed.valueCountMax - RecordHeader.pieceByteCount
        let pieceCount = 1 + (max(0, content.count - firstRoom) + pieceRoom - 1) / pieceRoom
        try put(key, in: table, &transaction) { builder in
            builder.append(head[Sealed.checksumCount..<RecordHeader.pieceCountOffset])
            builder.append(UInt16(pieceCount))
            builder.append(head[(RecordHeader.pieceCountOffset + 2)..<RecordHeader.byteCount])
            links.append(to: &builder)
            builder.append(content.prefix(firstRoom))
        }
        let revision = RecordHeader(head.span)?.revision ?? 0
        for number in 1..<max(1, pieceCount) {
            let start = firstRoom + (number - 1) * pieceRoom
            try put(Key(key.span, piece: number).array, in: table, &transaction) { builder in
                PieceHeader(number: number, revision: revision, pieceCount: pieceCount).append(to: &builder)
                builder.append(content[start..<min(start + pieceRoom, content.count)])
            }
        }
    }

    private func put(
        _ key: [UInt8], in table: ShardTable, _ transaction: inout WriteTransaction,
        _ content: (inout ValueBuilder) -> Void
    ) throws(LMDBError) {
        try transaction.put(key.span, seed: table.seed, in: environment.table(table), content)
    }

    /// Removes a record and notes its pieces as taken out.
    private func castOut(
        _ key: [UInt8], in table: ShardTable, _ reason: String, _ transaction: inout WriteTransaction
    ) throws(LMDBError) {
        for (pieceKey, value) in try pieces(of: key, in: table, &transaction) {
            outcasts.append((table.name, pieceKey, value, reason))
        }
        try removeRecord(key, in: table, &transaction)
    }

    private func removeRecord(
        _ key: [UInt8], in table: ShardTable, _ transaction: inout WriteTransaction
    ) throws(LMDBError) {
        for (pieceKey, _) in try pieces(of: key, in: table, &transaction) {
            try transaction.remove(pieceKey.span, in: environment.table(table))
        }
    }

    /// All that is there of a record, also without its first piece.
    private func pieces(
        of key: [UInt8], in table: ShardTable, _ transaction: inout WriteTransaction
    ) throws(LMDBError) -> [(key: [UInt8], value: [UInt8])] {
        var pieces: [(key: [UInt8], value: [UInt8])] = []
        let place = environment.table(table)
        if let value = try transaction.copy(key, in: place) { pieces.append((key, value)) }
        let prefix = key + [Key.pieceMark]
        try transaction.withCursor(in: place) { (cursor) throws(LMDBError) in
            var stands = try cursor.seek(prefix.span)
            while stands {
                var isPiece = false
                cursor.withEntry { key, value in
                    let bytes = Array(key)
                    isPiece = bytes.starts(with: prefix)
                    if isPiece { pieces.append((bytes, Array(value))) }
                }
                if !isPiece { return }
                stands = try cursor.move(.next)
            }
        }
        return pieces
    }
}

extension WriteTransaction {
    fileprivate borrowing func lastKey(in table: Table) throws(LMDBError) -> [UInt8]? {
        var key: [UInt8]?
        try withCursor(in: table) { (cursor) throws(LMDBError) in
            if try cursor.move(.last) { cursor.withEntry { found, _ in key = Array(found) } }
        }
        return key
    }
}

internal import LMDB
internal import NewsModel

extension Store {
    /// Looks at every value and every reference of a store that no process serves.
    ///
    /// - Parameter report: gets what is wrong, as it is found.
    /// - Throws: when there is no store, it is in use, or its STORE file or catalog cannot be opened at all.
    package static func check(
        _ directory: String, report: @escaping (CheckFinding) -> Void
    ) throws(StoreError) -> CheckSummary {
        try StoreCheck(StoreDirectory(directory, nil), report: report).run()
    }
}

/// One check of a whole store.
private final class StoreCheck {
    private let directory: StoreDirectory
    private let report: (CheckFinding) -> Void
    private var summary = CheckSummary()
    private var channelNumbers: Set<UInt32> = []
    private var located: [ArticleID: Period] = [:]
    /// Ids of `located` that an article was found for.
    private var used: Set<ArticleID> = []
    /// Ids of `located` that an article was found for in the shard which the id names.
    private var foundAtHome: Set<ArticleID> = []
    /// Articles that a move is under way for: they may be in two shards, until the store is opened.
    private var moving: Set<ArticleID> = []

    init(_ directory: StoreDirectory, report: @escaping (CheckFinding) -> Void) {
        self.directory = directory
        self.report = report
    }

    func run() throws(StoreError) -> CheckSummary {
        let options = StoreOptions()
        let catalog = Catalog(
            directory: directory.path, storeID: directory.file.id, readersMax: options.readersMax,
            mapSize: options.mapSize)
        do throws(LMDBError) {
            try Environment.verify(catalog.file.path)
        } catch {
            throw .environment(path: catalog.file.path, error)
        }
        let environment = try catalog.file.pin()
        do throws(LMDBError) {
            try checkCatalog(environment)
        } catch {
            throw StoreError(error, path: catalog.file.path)
        }
        let shards = ShardSet(
            directory: directory.shardsPath, storeID: directory.file.id, zone: directory.zone,
            layout: directory.file.layout, readersMax: options.readersMax, mapSize: options.mapSize,
            openMax: options.openShardsMax)
        for (period, error) in try shards.load(verifying: true) {
            find(CheckFinding(shard: period.description, problem: "it cannot be opened: \(error)"))
        }
        for shard in shards.all { check(shard, shards) }
        for id in used.intersection(foundAtHome).sorted() {
            find(.located, Array(id.text.utf8), "the article is in another shard as well")
        }
        try sweep(environment, catalog)
        return summary
    }

    private func find(_ finding: CheckFinding) {
        summary.findingCount += 1
        report(finding)
    }

    private func find(_ table: CatalogTable, _ key: [UInt8], _ problem: String) {
        find(CheckFinding(shard: Catalog.shardName, table: table.name, key: keyText(key.span), problem: problem))
    }

    private func check(_ shard: Shard, _ shards: ShardSet) {
        summary.shardCount += 1
        guard let environment = try? shards.pin(shard) else { return }
        defer {
            shard.file.unpin()
            shard.file.close()
        }
        let isLocatedHere = { [self] (id: ArticleID, isNamed: Bool) -> Bool in
            if moving.contains(id) {
                used.insert(id)
                return true
            }
            let isLocated = located[id] == shard.period
            if isLocated {
                used.insert(id)
            } else if isNamed, located[id] != nil {
                foundAtHome.insert(id)
            }
            return isNamed || isLocated
        }
        let expected = ShardCheck.Expected(
            storeID: directory.file.id, layout: directory.file.layout, zone: directory.zone,
            channelNumbers: channelNumbers, isLocatedHere: isLocatedHere, moving: moving)
        let check = ShardCheck(shard, environment, expected) { [self] in find($0) }
        do throws(LMDBError) {
            try check.run()
        } catch {
            find(CheckFinding(shard: shard.period.description, problem: "it cannot be read to its end: \(error)"))
        }
        summary.entryCount += check.entryCount
        summary.articleCount += check.articleCount
    }

    private func checkCatalog(_ environment: Environment) throws(LMDBError) {
        let transaction = try environment.beginRead()
        var numbers: [UInt32: [UInt8]] = [:]
        var names: Set<String> = []
        var meta: CatalogMeta?
        for table in CatalogTable.allCases {
            try transaction.walk(environment.table(table)) { (entry) throws(LMDBError) in
                summary.entryCount += 1
                let (key, value) = (entry.key, entry.value)
                guard Sealed.isSound(value.span, key: key.span, seed: table.seed) else {
                    return find(table, key, "its checksum does not fit")
                }
                switch table {
                case .channels:
                    guard let channel = Channel(key: key.span, value: value.span) else {
                        return find(table, key, "it is no channel")
                    }
                    if numbers.updateValue(key, forKey: channel.number) != nil {
                        find(table, key, "another channel has its number \(channel.number)")
                    }
                    if !names.insert(channel.displayName).inserted { find(table, key, "another channel has its name") }
                case .located:
                    guard let id = ArticleID(key.span),
                        let period = locatedPeriod(value.span, id: key.span, directory.file.layout)
                    else {
                        return find(table, key, "it is no place of an article")
                    }
                    located[id] = period
                case .shards: if ShardListValue(value.span) == nil { find(table, key, "its value is none") }
                case .intents:
                    guard let intent = MoveIntent(key: key.span, value: value.span) else {
                        return find(table, key, "it is no move")
                    }
                    moving.insert(intent.id)
                case .meta: meta = CatalogMeta(value.span)
                }
            }
        }
        channelNumbers = Set(numbers.keys)
        let key = Array(CatalogMeta.key.utf8)
        if meta?.storeID != directory.file.id {
            find(.meta, key, meta == nil ? "it is missing" : "the catalog belongs to another store")
        } else if let meta, let last = numbers.keys.max(), meta.nextChannel <= last {
            find(.meta, key, "its next channel is \(meta.nextChannel), and there is \(last)")
        }
    }

    /// Removes claims without an article. Not while anything is wrong: their articles may be among what is lost.
    private func sweep(_ environment: Environment, _ catalog: Catalog) throws(StoreError) {
        let unused = located.keys.filter { !used.contains($0) }.sorted()
        summary.unusedClaimCount = unused.count
        guard !unused.isEmpty, summary.isSound else { return }
        do throws(LMDBError) {
            var transaction = try environment.beginWrite()
            for id in unused {
                try transaction.remove(Array(id.text.utf8).span, in: environment.table(CatalogTable.located))
            }
            try transaction.commit()
        } catch {
            throw StoreError(error, path: catalog.file.path)
        }
    }
}

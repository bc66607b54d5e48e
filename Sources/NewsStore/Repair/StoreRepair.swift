internal import Files
internal import LMDB
internal import NewsModel

extension Store {
    /// Makes a damaged store whole again as far as can be. No process may serve it.
    ///
    /// Each shard that is damaged is written anew from what can be read of it, and takes the old one's place in one
    /// step. What is left over goes to the folder "quarantine", with the old files. It can be stopped and begun again
    /// at any time.
    ///
    /// - Parameters:
    ///   - time: names the file of what is taken out.
    ///   - say: hears of everything that is lost or taken out.
    package static func repair(
        _ directory: String, time: String, makeRow: @escaping RowMaker, say: @escaping (CheckFinding) -> Void
    ) throws(StoreError) -> RepairSummary {
        try StoreRepair(StoreDirectory(directory, nil), time: time, makeRow, say).run()
    }
}

private final class StoreRepair {
    private let directory: StoreDirectory
    private let makeRow: RowMaker
    private let say: (CheckFinding) -> Void
    private let log: QuarantineLog
    private let catalog: CatalogRepair
    private let options = StoreOptions()
    private var last: StopRecord?
    private var summary = RepairSummary()

    init(
        _ directory: StoreDirectory, time: String, _ makeRow: @escaping RowMaker,
        _ say: @escaping (CheckFinding) -> Void
    ) {
        self.directory = directory
        self.makeRow = makeRow
        self.say = say
        log = QuarantineLog(directory.path, time: time)
        catalog = CatalogRepair(directory)
    }

    func run() throws(StoreError) -> RepairSummary {
        last = try StopRecord.read(directory.path).record
        try ReshardFile.forgetCopies(directory.path)
        do throws(LMDBError) { try catalog.load() } catch {
            throw StoreError(error, path: directory.path + "/" + Catalog.shardName)
        }
        let faults = FaultFile.read(directory.path)
        let shards = try directory.shards()
        for shard in shards { try repair(shard, isFaulty: faults.contains(shard.period.description)) }
        try reportLost(shards)
        let (isRebuilt, kept) = try catalog.finish(log, mapSize: options.mapSize)
        if isRebuilt { summary.rebuilt.append(Catalog.shardName) }
        if let kept { summary.keptFiles.append(kept) }
        for outcast in catalog.outcasts { report(Catalog.shardName, outcast) }
        try log.sync()
        if let path = log.path { summary.keptFiles.append(path) }
        summary.quarantinedCount = log.count - summary.lost.count - summary.lostCounterCount - unnamedLineCount
        // The next start looks at every shard, and gives no revision again.
        try StopRecord.forgetShards(directory.path, lastRevision: last?.lastRevision ?? 0)
        try FaultFile.remove(directory.path)
        return summary
    }

    private func reportLost(_ shards: [SuspectWalk.Shard]) throws(StoreError) {
        let periods = Set(shards.map(\.period))
        for period in (last?.transactions ?? [:]).keys.sorted() where !periods.contains(period) {
            summary.lostShards.append(period)
            say(CheckFinding(shard: period.description, problem: "its folder is gone, and all its articles with it"))
            for id in catalog.located(in: period) { try lose(id, period) }
            unnamedLossCount = catalog.articleCount(of: period) - catalog.located(in: period).count
            try loseUnnamed(period)
        }
    }

    private func report(_ shard: String, _ outcast: Outcast) {
        let key = keyText(outcast.key.span)
        say(CheckFinding(shard: shard, table: outcast.table, key: key, problem: outcast.reason + ": quarantined"))
    }

    private func lose(_ id: ArticleID, _ period: Period) throws(StoreError) {
        let key = Array(id.text.utf8)
        try log.take(period.description, ShardTable.articles.name, key, [], "the article is lost")
        summary.lost.append(id)
        say(
            CheckFinding(
                shard: period.description, table: ShardTable.articles.name, key: id.text,
                problem: "the article is lost"))
    }

    /// Articles that were counted and that nothing tells of.
    private func loseUnnamed(_ period: Period) throws(StoreError) {
        guard unnamedLossCount > 0 else { return }
        let text = "\(unnamedLossCount) articles are lost whose ids nothing tells"
        try log.take(period.description, ShardTable.articles.name, [], [], text)
        unnamedLineCount += 1
        summary.unnamedLossCount += unnamedLossCount
        say(CheckFinding(shard: period.description, problem: text))
        unnamedLossCount = 0
    }

    private func repair(_ place: SuspectWalk.Shard, isFaulty: Bool) throws(StoreError) {
        summary.shardCount += 1
        let shard = Shard(
            place.period, directory: directory.shardsPath, zone: directory.zone, options: environmentOptions)
        do throws(LMDBError) {
            if !isFaulty, try isSound(shard) { return }
        } catch {
            throw StoreError(error, path: place.path)
        }
        let fresh = try FreshFile(
            for: place.path, work: directory.shardsPath + "/.new-\(place.period)", ShardTable.names,
            mapSize: options.mapSize)
        do throws(LMDBError) {
            try rebuild(shard, fresh.environment)
        } catch {
            throw StoreError(error, path: place.path)
        }
        try settle(shard)
        if let kept = try fresh.install(log, as: place.period.description) { summary.keptFiles.append(kept) }
        try Quarantine.lift(place.path)
        summary.rebuilt.append(place.period.description)
    }

    private var environmentOptions: EnvironmentOptions {
        var environmentOptions = ShardTable.environmentOptions
        environmentOptions.mapSize = options.mapSize
        return environmentOptions
    }

    /// Whether the shard can stay as it is. Then the catalog hears of its articles.
    private func isSound(_ shard: Shard) throws(LMDBError) -> Bool {
        let path = shard.file.path
        guard Quarantine.reason(of: path) == nil else { return false }
        do throws(LMDBError) {
            if let noted = last?.transactions[shard.period], try Environment.lastTransaction(path) < noted {
                return false
            }
            try Environment.verify(path)
        } catch {
            guard error.isDamage || error == .notFound(path + "/data.mdb") else { throw error }
            return false
        }
        let environment: Environment
        do throws(LMDBError) { environment = try Environment(path, environmentOptions) } catch {
            if case .tableMissing = error { return false }
            throw error
        }
        guard try ShardRebuild.findings(shard, environment, directory).isEmpty else { return false }
        try catalog.add(shard, environment, makeRow)
        let transaction = try environment.beginRead()
        summary.articleCount += Int(clamping: try transaction.shardMeta(in: environment)?.articleCount ?? 0)
        return true
    }

    /// What is to be told of the shard under repair, once LMDB has said what there is.
    private var outcasts: [Outcast] = []
    private var lost: [ArticleID] = []
    private var unnamedLossCount = 0
    private var unnamedLineCount = 0

    private func rebuild(_ shard: Shard, _ environment: Environment) throws(LMDBError) {
        let salvaged = SalvagedShard(environment)
        var mentioned = Set<ArticleID>()
        do throws(LMDBError) {
            try salvaged.run(shard.file.path)
            mentioned = salvaged.mentioned
        } catch {
            // A file that is gone leaves what the catalog says of it.
            guard error == .notFound(shard.file.path + "/data.mdb") else { throw error }
            mentioned = Set(catalog.located(in: shard.period))
        }
        let ends = salvaged.ends
        let rebuild = ShardRebuild(shard, environment, directory, ends: ends, makeRow)
        try rebuild.run()
        try catalog.add(shard, environment, makeRow)
        outcasts = salvaged.outcasts + rebuild.outcasts
        lost = mentioned.subtracting(rebuild.present).filter { ends[$0] == nil }.sorted()
        let known = salvaged.meta.map { Int(clamping: $0.articleCount) } ?? catalog.articleCount(of: shard.period)
        unnamedLossCount = known - rebuild.present.count - lost.count
        summary.articleCount += rebuild.present.count
        summary.rebuiltRowCount += rebuild.rebuiltRowCount
        summary.lostCounterCount += rebuild.lostCounterCount
    }

    /// Writes down what was found, before the old file is replaced.
    private func settle(_ shard: Shard) throws(StoreError) {
        for outcast in outcasts {
            try log.take(shard.period.description, outcast.table, outcast.key, outcast.value, outcast.reason)
            report(shard.period.description, outcast)
        }
        for id in lost { try lose(id, shard.period) }
        try loseUnnamed(shard.period)
        (outcasts, lost) = ([], [])
    }
}

internal import Files
internal import LMDB
internal import NewsModel
internal import Synchronization

/// An article that is in a shard, or going to one, which its id does not name.
struct Stray {
    let id: ArticleID
    let source: Period
    let target: Period
}

/// All shards of the old layout in one period, and those of the new layout that are to take their place. The period is
/// the longer of the two, so what is in them concerns no other group.
final class ReshardGroup: Sendable {
    /// The longer of the periods, without slots.
    let period: Period
    let context: StoreContext
    let layout: ShardLayout
    private let folder: String
    private let state: Mutex<State>

    private struct State {
        var sources: [Shard]
        /// Of those that are open.
        var environments: [Period: Environment] = [:]
        /// All that have been made.
        var targets: Set<Period> = []
    }

    /// - Parameters:
    ///   - sources: in any order.
    ///   - layout: the new one.
    init(_ period: Period, _ sources: [Shard], to layout: ShardLayout, context: StoreContext) {
        self.period = period
        self.context = context
        self.layout = layout
        folder = context.directory + "/" + ReshardFile.folderName
        state = Mutex(State(sources: sources))
    }

    var sources: [Shard] { state.withLock { $0.sources } }
    var targets: Set<Period> { state.withLock { $0.targets } }
    /// Whether there may be more than one target.
    var isSplit: Bool { period.layout != layout }

    /// Takes a shard that has been made meanwhile.
    func add(_ source: Shard) { state.withLock { $0.sources.append(source) } }

    /// Which group a shard belongs to.
    static func period(of shard: Shard, to layout: ShardLayout) -> Period { shard.period.widened(to: layout.length) }

    /// The shard that an article of the group goes to.
    func target(of header: RecordHeader) -> Period {
        Period(of: header.sortInstant, layout, zone: context.zone)
    }

    /// Where entries go whose article the group does not have.
    private func target(ofGone id: ArticleID) -> Period {
        if let named = id.namedPeriod(layout), isTarget(named) { return named }
        return period.first(in: layout)
    }

    /// Whether the shard of the new layout is one of the group.
    private func isTarget(_ shard: Period) -> Bool {
        shard.firstDay.map { period.contains($0) } ?? false && shard.layout == layout
    }

    // MARK: Files

    func path(_ target: Period) -> String { "\(folder)/\(target)" }

    private var donePath: String { "\(folder)/\(period)" + ReshardFile.doneSuffix }

    /// Removes what an earlier attempt has made.
    func clear() throws(StoreError) {
        try mapped { () throws(FileError) -> Void in
            try FileSystem.remove(donePath)
            for target in try made() { try FileSystem.removeTree(path(target)) }
        }
        state.withLock { $0.targets = [] }
    }

    private func made() throws(FileError) -> [Period] {
        try FileSystem.list(folder).compactMap { Period($0) }.filter { isTarget($0) }
    }

    /// Notes that all is copied, of sources that have not been written since they were as `stamp` says.
    func noteDone(_ stamp: String) throws(StoreError) {
        try mapped { () throws(FileError) in try FileSystem.writeAtomically(donePath, Array(stamp.utf8)) }
    }

    /// What is followed is of later transactions than the note says, which a power cut may undo: then the sources would
    /// be as noted again, and the copies would not.
    func forgetDone() throws(StoreError) {
        try mapped { () throws(FileError) -> Void in
            guard try FileSystem.exists(donePath) else { return }
            try FileSystem.remove(donePath)
            try FileSystem.syncDirectory(folder)
        }
    }

    /// Takes over what an earlier attempt has copied.
    ///
    /// - Returns: `false` when it had not come to its end, or the sources have been written since.
    func resume(_ stamp: String) throws(StoreError) -> Bool {
        guard let noted = try? FileSystem.read(donePath, limit: 1 << 16), noted == Array(stamp.utf8) else {
            return false
        }
        let made = try mapped { () throws(FileError) -> [Period] in try self.made() }
        state.withLock { $0.targets = Set(made) }
        return true
    }

    /// Closes what is open.
    func close() {
        state.withLock { state in
            for environment in state.environments.values { environment.close() }
            state.environments = [:]
        }
    }

    private func environment(_ target: Period) throws(StoreError) -> Environment {
        if let open = state.withLock({ $0.environments[target] }) { return open }
        let path = path(target)
        try mapped { () throws(FileError) in try FileSystem.makeDirectory(path) }
        var options = ShardTable.environmentOptions
        options.create = true
        options.mapSize = context.options.mapSize
        do throws(LMDBError) {
            let environment = try Environment(path, options)
            if try environment.beginRead().shardMeta(in: environment) == nil {
                var transaction = try environment.beginWrite()
                try transaction.put(ShardMeta(storeID: context.file.id, period: target), in: environment)
                try transaction.commit()
            }
            state.withLock { state in
                state.environments[target] = environment
                state.targets.insert(target)
            }
            return environment
        } catch {
            throw StoreError(error, path: path)
        }
    }

    func write(
        _ target: Period, _ body: (inout TargetWriter) throws(LMDBError) -> Void
    ) throws(StoreError) {
        let environment = try environment(target)
        do throws(LMDBError) {
            var writer = try TargetWriter(environment)
            try body(&writer)
            try writer.commit()
        } catch {
            throw StoreError(error, path: path(target))
        }
    }

    // MARK: Articles

    /// Articles, and where they were found.
    typealias Found = [ArticleID: (article: CarriedArticle, source: Period)]

    /// The newest of what the group's shards have of some articles. One that is moving may be in two of them.
    private func read(_ ids: some Collection<ArticleID>) throws(StoreError) -> Found {
        var found: Found = [:]
        for source in sources {
            var damage: StoreError?
            try context.shards.look(into: source) { (transaction, tables) throws(LMDBError) in
                for id in ids {
                    switch try transaction.carried(id, tables) {
                    case .absent: break
                    case .damaged(let table, let key): damage = .damaged(source.place(table, keyText(key.span)))
                    case .found(let article):
                        if found[id].map({ $0.article.header.revision < article.header.revision }) ?? true {
                            found[id] = (article, source.period)
                        }
                    }
                }
            }
            if let damage { throw damage }
        }
        return found
    }

    /// Makes the targets have some articles as the sources have them now.
    ///
    /// - Returns: those that `located` has to lead to, before or after.
    func refresh(_ ids: some Collection<ArticleID>) throws(StoreError) -> [Stray] {
        let articles = try read(ids)
        var wanted: [Period: [CarriedArticle]] = [:]
        for (article, _) in articles.values { wanted[target(of: article.header), default: []].append(article) }
        for target in targets.union(wanted.keys) {
            let arriving = wanted[target] ?? []
            let known = Set(try held(Array(ids), in: target))
            let leaving = known.subtracting(arriving.map(\.id))
            if arriving.isEmpty, leaving.isEmpty { continue }
            try write(target) { (writer) throws(LMDBError) in
                for id in leaving { try writer.remove(id) }
                for article in arriving { try writer.put(article) }
            }
            try removeReactions(of: leaving, from: target)
            // Those of articles that it had are followed one by one.
            try putReactions(of: arriving.lazy.map(\.id).filter { !known.contains($0) }, articles, to: target)
        }
        return articles.values.compactMap { (article, source) in
            let target = target(of: article.header)
            let isNamed = article.id.namedPeriod(layout) == target && context.names(source, article.id)
            return isNamed ? nil : Stray(id: article.id, source: source, target: target)
        }
    }

    /// Those of the articles that a target has.
    private func held(_ ids: [ArticleID], in target: Period) throws(StoreError) -> [ArticleID] {
        let environment = try environment(target)
        var held: [ArticleID] = []
        do throws(LMDBError) {
            let transaction = try environment.beginRead()
            for id in ids {
                let key = Array(id.text.utf8)
                let isThere = try transaction.withValue(of: key.span, in: environment.table(ShardTable.articles)) { _ in
                }
                if isThere { held.append(id) }
            }
        } catch {
            throw StoreError(error, path: path(target))
        }
        return held
    }

    /// Puts the changes of some articles into the shards that have these now, so that each shard tells of its own.
    func rehome(_ ids: Set<ArticleID>) throws(StoreError) {
        let places = try places(of: ids)
        for target in targets {
            var leaving: [Period: [Entry]] = [:]
            try write(target) { (writer) throws(LMDBError) in
                for (id, entry) in try writer.changes(of: ids) where places[id] != target {
                    leaving[places[id] ?? target, default: []].append(entry)
                    try writer.remove(entry.key, in: .changes)
                }
            }
            for (other, entries) in leaving { try put(entries, in: .changes, of: other) }
        }
    }

    func put(_ entries: [Entry], in table: ShardTable, of target: Period) throws(StoreError) {
        try write(target) { (writer) throws(LMDBError) in
            for entry in entries { try writer.put(entry.key, entry.value, in: table) }
        }
    }

    /// Which shard the entries of some articles go to.
    private func places(of ids: Set<ArticleID>) throws(StoreError) -> [ArticleID: Period] {
        var places: [ArticleID: Period] = [:]
        for id in ids { places[id] = target(ofGone: id) }
        if !isSplit { return places }
        for source in sources {
            try context.shards.look(into: source) { (transaction, tables) throws(LMDBError) in
                for id in ids {
                    let key = Array(id.text.utf8)
                    guard case .found(let header) = try transaction.header(key.span, in: .articles, tables) else {
                        continue
                    }
                    places[id] = self.target(of: header)
                }
            }
        }
        return places
    }

    // MARK: What is told of articles

    /// Puts entries of `changes` or `requests` into the shards of their articles.
    func put(_ entries: [Entry], in table: ShardTable) throws(StoreError) {
        var named: [(id: ArticleID, entry: Entry, isLeft: Bool)] = []
        for entry in entries {
            if table == .changes, let change = ChangeValue(entry.value.span) {
                named.append((change.id, entry, change.kind == .left))
            } else if table == .requests, let request = RequestValue(entry.value.span) {
                named.append((request.article, entry, false))
            }
        }
        let places = try places(of: Set(named.map(\.id)))
        // Whoever has left one shard of the group for another one is still in the group.
        let left = Set(named.lazy.filter(\.isLeft).map(\.id))
        let present = left.isEmpty ? [] : Set(try read(left).keys)
        var wanted: [Period: [Entry]] = [:]
        for (id, entry, isLeft) in named where !(isLeft && present.contains(id)) {
            wanted[places[id] ?? period, default: []].append(entry)
        }
        for (target, entries) in wanted { try put(entries, in: table, of: target) }
    }

    func remove(_ keys: [[UInt8]], in table: ShardTable) throws(StoreError) {
        for target in targets {
            try write(target) { (writer) throws(LMDBError) in
                for key in keys { try writer.remove(key, in: table) }
            }
        }
    }

    /// Takes over up to which revision changes are forgotten.
    func copyCompacted() throws(StoreError) {
        let revision = try sourceMetas().map(\.compacted).max() ?? 0
        guard revision > 0 else { return }
        for target in targets { try write(target) { (writer) throws(LMDBError) in try writer.compact(upTo: revision) } }
    }

    private func sourceMetas() throws(StoreError) -> [(meta: ShardMeta, compacted: UInt64)] {
        var metas: [(meta: ShardMeta, compacted: UInt64)] = []
        for source in sources {
            let environment = try context.shards.pin(source)
            defer { source.file.unpin() }
            do throws(LMDBError) {
                let transaction = try environment.beginRead()
                guard let meta = try transaction.shardMeta(in: environment) else { throw .corrupted }
                metas.append((meta, try transaction.changeBounds(in: environment).compacted))
            } catch {
                throw error == .corrupted
                    ? .damaged(source.place(.meta, ShardMeta.key)) : StoreError(error, path: source.file.path)
            }
        }
        return metas
    }

    /// Ends the work on the targets: nobody writes the sources any more, and all has been followed.
    ///
    /// - Throws: `damaged` when the targets have not as many articles as the sources count.
    func seal() throws(StoreError) {
        // Revisions and what is forgotten are kept by a shard, if it has nothing else.
        if targets.isEmpty { _ = try environment(period.first(in: layout)) }
        try copyCompacted()
        let metas = try sourceMetas().map(\.meta)
        var count: UInt64 = 0
        for target in targets {
            try write(target) { (writer) throws(LMDBError) in
                writer.meta.lastRevision = metas.map(\.lastRevision).max() ?? 0
                writer.meta.lastRequestTime = metas.map(\.lastRequestTime).max() ?? .epoch
                count += writer.meta.articleCount
            }
        }
        let wanted = metas.reduce(0) { $0 + $1.articleCount }
        guard count == wanted else {
            throw .damaged(DamagedPlace(shard: period.description, table: ShardTable.meta.name, key: ShardMeta.key))
        }
        close()
        try mapped { () throws(FileError) -> Void in
            for target in targets { try FileSystem.syncDirectory(path(target)) }
        }
    }
}

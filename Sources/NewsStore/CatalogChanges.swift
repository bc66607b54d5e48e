internal import LMDB
internal import NewsModel
internal import Synchronization

/// Changes to the catalog that wait for their commit. Used by the writer's thread alone.
///
/// They are committed before the shard that relies on them: a channel or an entry in `located` without an article is
/// harmless, the reverse is not.
final class CatalogChanges {
    private let catalog: Catalog
    private let context: StoreContext
    /// What is committed, and what waits.
    private(set) var channels: ChannelTable
    private var meta: CatalogMeta
    private var newChannels: [Channel] = []
    private var claims: [(id: ArticleID, period: Period)] = []
    /// Entries of `located` that are not needed any more.
    private var releases: [ArticleID] = []
    private var newIntents: [MoveIntent] = []
    private var endedIntents: [ArticleID] = []
    private let fault: (@Sendable (CommitFault.Moment) -> LMDBError?)?
    /// Moves that are under way on disk.
    private(set) var openIntents: [MoveIntent]

    init(_ context: StoreContext) {
        self.context = context
        catalog = context.catalog
        fault = context.options.catalogFault
        channels = catalog.channels
        meta = catalog.meta
        openIntents = catalog.openIntents
    }

    var hasChanges: Bool {
        !(newChannels.isEmpty && claims.isEmpty && newIntents.isEmpty && endedIntents.isEmpty)
    }

    func makeChannel(displayName: String) -> Channel {
        let channel = channels.made(displayName: displayName, number: meta.nextChannel)
        meta.nextChannel += 1
        channels.insert(channel)
        newChannels.append(channel)
        return channel
    }

    /// Where the catalog says that the id is, waiting changes included.
    func located(_ id: ArticleID) throws(StoreError) -> Period? {
        try located(id, context.layout)
    }

    /// The same for a layout that the store is going to have; `nil` also when that is not known.
    func located(_ id: ArticleID, _ layout: ShardLayout) throws(StoreError) -> Period? {
        if let claim = claims.last(where: { $0.id == id }) { return claim.period.first(in: layout) }
        if releases.contains(id) { return nil }
        guard catalog.locatedCount.load(ordering: .relaxed) > 0 else { return nil }
        let environment = try catalog.file.pin()
        defer { catalog.file.unpin() }
        let key = Array(id.text.utf8)
        var period: Period?
        do throws(LMDBError) {
            let transaction = try environment.beginRead()
            _ = try transaction.withValue(of: key.span, in: environment.table(CatalogTable.located)) {
                period = locatedPeriod($0, id: key.span, layout)
            }
        } catch {
            throw StoreError(error, path: catalog.file.path)
        }
        return period
    }

    func claim(_ id: ArticleID, in period: Period) { claims.append((id, period)) }

    /// Enters where the article is, and where it will be once the store has another layout: by that of the two shards
    /// which begins later. Its first day is in the other one too, as the article's day is in both.
    func claim(_ id: ArticleID, in period: Period, andThen next: Period) {
        guard let first = period.firstDay, let second = next.firstDay else { return claim(id, in: period) }
        claim(id, in: second > first ? next : period)
    }

    /// Lets go of an id whose article is gone, with the next commit: an entry too many is harmless.
    func release(_ id: ArticleID) { releases.append(id) }

    func begin(_ intent: MoveIntent) { newIntents.append(intent) }

    func end(_ intent: MoveIntent) { endedIntents.append(intent.id) }

    /// Commits what waits. After a failure nothing waits any more, and nothing of it counts as done.
    ///
    /// - Parameter isForced: also when only entries of `located` are to be removed, which can wait otherwise.
    func commit(isForced: Bool = false) throws(StoreError) {
        guard hasChanges || (isForced && !releases.isEmpty) else { return }
        var newlyLocated = 0
        do throws(LMDBError) {
            if let error = fault?(.before) { throw error }
            newlyLocated = try write()
            if let error = fault?(.after) { throw error }
        } catch {
            drop()
            guard error != .mapFull, error != .diskFull else { throw .full(path: catalog.file.path) }
            context.options.onFault?(StoreFault(.commitFailed, "catalog", error))
            try recover(error)
            throw .environment(path: catalog.file.path, error)
        }
        openIntents.removeAll { open in
            endedIntents.contains(open.id) || newIntents.contains { $0.id == open.id }
        }
        openIntents += newIntents
        catalog.publish(newChannels, meta, openIntents, newlyLocated: newlyLocated)
        forget()
    }

    private func forget() {
        newChannels = []
        claims = []
        releases = []
        newIntents = []
        endedIntents = []
    }

    private func write() throws(LMDBError) -> Int {
        let environment: Environment
        do { environment = try catalog.file.pin() } catch { throw .poisoned }
        defer { catalog.file.unpin() }
        var transaction = try environment.beginWrite()
        let located = environment.table(CatalogTable.located)
        let before = try transaction.count(located)
        for channel in newChannels {
            try transaction.put(Array(channel.id.text.utf8), in: .channels, of: environment) {
                channel.append(to: &$0)
            }
        }
        for id in releases { try transaction.remove(Array(id.text.utf8), in: .located, of: environment) }
        for claim in claims {
            try transaction.put(Array(claim.id.text.utf8), in: .located, of: environment) {
                $0.append(claim.period.description.utf8)
            }
        }
        for id in endedIntents { try transaction.remove(Array(id.text.utf8), in: .intents, of: environment) }
        for intent in newIntents {
            try transaction.put(Array(intent.id.text.utf8), in: .intents, of: environment) { intent.append(to: &$0) }
        }
        try transaction.put(meta, in: environment)
        let newlyLocated = try transaction.count(located) - before
        try transaction.commit()
        return newlyLocated
    }

    /// As after a failed commit of a shard: what is on disk now is what counts.
    private func recover(_ cause: LMDBError) throws(StoreError) {
        let meta = catalog.meta
        do throws(LMDBError) {
            try catalog.file.recover { (transaction, environment) throws(LMDBError) in
                try transaction.put(meta, in: environment)
            }
        } catch {
            throw .environment(path: catalog.file.path, cause)
        }
        try catalog.load()
        drop()
    }

    private func drop() {
        forget()
        channels = catalog.channels
        meta = catalog.meta
        openIntents = catalog.openIntents
    }
}

internal import Files
internal import LMDB
internal import NewsModel
internal import Synchronization

/// All files of a store as they are at one position: what a crash between two rounds of the writer would leave.
///
/// Files of their own positions would not do: an article that moves between the copies of two shards is in both or in
/// neither; one that is purged takes its entry of `located` along, which a copy of its shard still needs.
struct StoreViews: Sendable {
    struct Shard: Sendable {
        let part: BackupManifest.Part
        let source: Source
    }

    enum Source: Sendable {
        /// Copied from the store.
        case view(OpenView)
        /// As it is in the base.
        case base
    }

    /// A view, and whose it is.
    struct OpenView: Sendable {
        let view: FileView
        let file: EnvironmentFile
        /// Whether it was opened for this.
        let wasClosed: Bool

        func end() { file.endView(view, closing: wasClosed) }
    }

    var position: UInt64
    var storeFile: [UInt8]
    var catalog: OpenView
    /// The latest written first: others wait for the space of their old pages.
    var shards: [Shard]
    var missing: [MissingShard]

    /// Gives up every view. More than once does no harm.
    func end() {
        catalog.end()
        for case .view(let open) in shards.map(\.source) { open.end() }
    }
}

extension Store {
    /// Takes the views between two rounds. The writer waits for it, some tenths of a millisecond for a shard; nobody
    /// else does.
    ///
    /// - Parameters:
    ///   - id: of the backup.
    ///   - base: the parts of an earlier one.
    func takeViews(for id: String, base: [Period: BackupManifest.Part]) throws(StoreError) -> StoreViews {
        let context = self.context
        // Opened before the writer waits for it; held open by a reader.
        var warmed: [(file: EnvironmentFile, reader: SharedReader)] = []
        for shard in context.shards.all where !shard.file.isOpen {
            if let base = base[shard.period], base.isCurrent(shard.file.path) { continue }
            if let reader = try? shard.file.makeReader().reader { warmed.append((shard.file, reader)) }
        }
        defer { for (file, reader) in warmed { file.endReader(reader) } }
        let opened = Set(warmed.map(\.file.identity))
        let unavailable = unavailableShards
        return try onWriter { (_) throws(StoreError) in
            try context.views(for: id, base: base, opened: opened, unavailable)
        }
    }
}

extension StoreContext {
    /// Called by the writer's thread between two rounds, so that nothing is written meanwhile.
    fileprivate func views(
        for id: String, base: [Period: BackupManifest.Part], opened: Set<ObjectIdentifier>,
        _ unavailable: [Period: StoreError]
    ) throws(StoreError) -> StoreViews {
        let path = directory + "/" + StoreFile.name
        var views = StoreViews(
            position: publication.position,
            storeFile: try mapped { () throws(FileError) in try FileSystem.read(path, limit: 1 << 16) },
            catalog: StoreViews.OpenView(view: try catalog.file.makeView(), file: catalog.file, wasClosed: false),
            shards: [], missing: [])
        do throws(StoreError) {
            for shard in shards.all {
                do throws(StoreError) {
                    views.shards.append(
                        try view(of: shard, id, base[shard.period], wasOpened: opened.contains(shard.file.identity)))
                } catch {
                    guard let reason = missingReason(shard, error, unavailable) else { throw error }
                    views.missing.append(MissingShard(period: shard.period, reason: reason))
                }
            }
        } catch {
            views.end()
            throw error
        }
        views.shards.sort { $0.part.lastRevision > $1.part.lastRevision }
        return views
    }

    private func view(
        of shard: Shard, _ id: String, _ base: BackupManifest.Part?, wasOpened: Bool
    ) throws(StoreError) -> StoreViews.Shard {
        if let base, base.isCurrent(shard.file.path) { return StoreViews.Shard(part: base, source: .base) }
        let wasClosed = wasOpened || !shard.file.isOpen
        let view = try shard.file.makeView()
        let stamp = try? FileStamp(of: shard.file.path + "/data.mdb").text
        let part = BackupManifest.Part(
            name: shard.period.description, byteCount: view.byteCount, checksum: 0, transaction: view.transaction,
            lastRevision: shard.lastRevision.load(ordering: .acquiring),
            articleCount: max(0, shard.articleCount.load(ordering: .relaxed)), stamp: stamp ?? "", origin: id)
        let open = StoreViews.OpenView(view: view, file: shard.file, wasClosed: wasClosed)
        return StoreViews.Shard(part: part, source: .view(open))
    }

    /// Why a shard is left out; `nil`: the backup fails.
    private func missingReason(
        _ shard: Shard, _ error: StoreError, _ unavailable: [Period: StoreError]
    ) -> String? {
        guard case .unavailable = error else { return nil }
        if let reason = Quarantine.reason(of: shard.file.path) { return "it is quarantined: \(reason)" }
        return unavailable[shard.period].map { "\($0)" } ?? "\(error)"
    }
}

extension BackupManifest.Part {
    /// Whether the shard is still what was copied: the same file, not written since, at the same transaction. Numbers
    /// of transactions alone do not tell: repair makes files anew, and a power cut may undo commits.
    fileprivate func isCurrent(_ path: String) -> Bool {
        guard !stamp.isEmpty, let now = try? FileStamp(of: path + "/data.mdb").text, now == stamp else { return false }
        return (try? Environment.lastTransaction(path)) == transaction && Quarantine.reason(of: path) == nil
    }
}

extension EnvironmentFile {
    fileprivate var identity: ObjectIdentifier { ObjectIdentifier(self) }
}

internal import Files
internal import LMDB
package import NewsModel

/// What a restore has made.
package struct RestoreSummary: Hashable, Sendable {
    package internal(set) var articleCount = 0
    package internal(set) var shardCount = 0
    package internal(set) var byteCount = 0
    /// When the backup was made.
    package internal(set) var time = Instant(microseconds: 0)
    /// What the backup had every change up to.
    package internal(set) var position: UInt64 = 0
    /// Behind which the restored store's own changes begin.
    package internal(set) var firstRevision: UInt64 = 0
    /// Shards that the backup does not have. They are quarantined until `repair` has given them up.
    package internal(set) var missing: [MissingShard] = []

    package var isComplete: Bool { missing.isEmpty }
}

extension RestoreSummary: CustomStringConvertible {
    package var description: String {
        let size =
            "\(CountText.text(articleCount, "article")) in \(CountText.text(shardCount, "shard")), \(byteCount) bytes"
        let found = missing.isEmpty ? "nothing is wrong" : "\(CountText.text(missing.count, "shard")) missing"
        return "\(size), as of \(RFC3339.text(time)), revision \(position): \(found)"
    }
}

extension Store {
    /// Makes a store from a backup.
    ///
    /// Every file is compared with its checksum, and the store is checked, before anything is there under the
    /// directory's name. When it fails, all that was written is removed.
    ///
    /// The store has the old one's id and articles, and is another store to its clients all the same, since what
    /// happened behind the backup's position never happened to it. Positions and page tokens of the old one are
    /// refused, because the key that marks them is new. Its revisions begin far behind those that the old one gave, so
    /// that no etag from then fits another content.
    ///
    /// - Parameters:
    ///   - backup: a folder or an archive.
    ///   - directory: is absent, or empty.
    ///   - report: gets what a check finds wrong; the shards that the backup does not have among it.
    package static func restore(
        _ backup: String, to directory: String, observer: (any OperationObserver)? = nil,
        report: @escaping (CheckFinding) -> Void
    ) throws(StoreError) -> RestoreSummary {
        let source: any BackupSource
        switch try mapped({ () throws(FileError) in try FileSystem.kind(backup) }) {
        case .directory: source = FolderSource(path: backup)
        case .file: source = ArchiveSource(path: backup)
        case .other, nil: throw .backup(.notABackup(path: backup))
        }
        let place = try RestorePlace(directory)
        do throws(StoreError) {
            let summary = try StoreRestore(backup, place.path, observer, report).run(source)
            try place.install()
            return summary
        } catch {
            place.discard()
            throw error
        }
    }
}

/// One restore, into a folder that is empty.
private struct StoreRestore {
    private let backup: String
    private let directory: String
    private let observer: (any OperationObserver)?
    private let report: (CheckFinding) -> Void

    /// How far behind the backup's revisions those of the restored store begin. More than the lost store can have given
    /// since, and another number for each store that is made of one backup.
    private static let revisionGaps: ClosedRange<UInt64> = (1 << 32)...(1 << 52)

    init(
        _ backup: String, _ directory: String, _ observer: (any OperationObserver)?,
        _ report: @escaping (CheckFinding) -> Void
    ) {
        (self.backup, self.directory, self.observer, self.report) = (backup, directory, observer, report)
    }

    func run(_ source: any BackupSource) throws(StoreError) -> RestoreSummary {
        let files = try RestoredFiles(directory)
        // No store is there yet that others could work on.
        let manifest = try source.read(into: files, OperationReport(observer, OperationGate()))
        try files.compare(manifest, in: backup)
        try writeStoreFile(files.storeFile, manifest)
        for shard in manifest.missing { try quarantine(shard) }
        var random = SystemRandomNumberGenerator()
        let revision = manifest.position + UInt64.random(in: StoreRestore.revisionGaps, using: &random)
        try writeStopRecord(manifest, revision)
        let directory = directory
        try mapped { () throws(FileError) in
            try FileSystem.syncDirectory(directory + "/shards")
            try FileSystem.syncDirectory(directory)
        }
        try check(manifest)
        return summary(manifest, revision)
    }

    /// With a new key for positions and page tokens.
    private func writeStoreFile(_ bytes: [UInt8], _ manifest: BackupManifest) throws(StoreError) {
        var file = try StoreFile(bytes, path: backup + "/" + BackupManifest.file(StoreFile.name))
        guard file.id == manifest.storeID else {
            throw .backup(.damaged(path: backup, reason: "its STORE is another store's"))
        }
        file.tokenKey = SystemRandom.bytes(StoreFile.tokenKeyCount)
        let (path, content) = (directory + "/" + StoreFile.name, file.bytes)
        try mapped { () throws(FileError) in try FileSystem.writeAtomically(path, content, mode: 0o600) }
    }

    private func quarantine(_ shard: MissingShard) throws(StoreError) {
        let path = directory + "/shards/" + shard.period.description
        try mapped { () throws(FileError) in try FileSystem.makeDirectory(path) }
        try Quarantine.mark(path, "it was not in the backup: \(shard.reason)")
    }

    /// As a store has it that was closed: its shards need not be looked at again.
    private func writeStopRecord(_ manifest: BackupManifest, _ revision: UInt64) throws(StoreError) {
        var record = StopRecord()
        record.lastRevision = revision
        for part in manifest.parts {
            if let period = part.period { record.transactions[period] = part.transaction }
        }
        let (path, bytes) = (directory + "/" + StopRecord.cleanName, record.bytes)
        try mapped { () throws(FileError) in try FileSystem.writeAtomically(path, bytes) }
    }

    /// What is missing is found too, and is no news.
    private func check(_ manifest: BackupManifest) throws(StoreError) {
        let missing = Set(manifest.missing.map(\.period.description))
        var findingCount = 0
        let report = report
        _ = try Store.check(directory) { finding in
            report(finding)
            if !missing.contains(finding.shard) { findingCount += 1 }
        }
        if findingCount > 0 { throw .backup(.unsound(path: backup, findingCount: findingCount)) }
    }

    private func summary(_ manifest: BackupManifest, _ revision: UInt64) -> RestoreSummary {
        var summary = RestoreSummary()
        summary.articleCount = manifest.articleCount
        summary.shardCount = manifest.parts.count { $0.period != nil }
        summary.byteCount = manifest.byteCount
        summary.time = manifest.time
        summary.position = manifest.position
        summary.firstRevision = revision
        summary.missing = manifest.missing
        return summary
    }
}

internal import Bytes
internal import Files
internal import LMDB
internal import NewsModel

extension Store {
    /// Saves the store as it is at one position, while it is read and written.
    ///
    /// Readers notice nothing. The writer waits once, while a view of each file is taken. Until a file has been
    /// copied, LMDB does not use its old pages again: the file of a shard that is written meanwhile grows by what is
    /// written to it.
    ///
    /// When it fails or is cancelled, all that was written is removed. A shard that cannot be read is left out, and the
    /// summary names it.
    package func backup(
        to target: BackupTarget, _ options: BackupOptions = BackupOptions(), observer: (any OperationObserver)? = nil
    ) throws(StoreError) -> BackupSummary {
        try operations.enter(observer)
        defer { operations.leave() }
        return try StoreBackup(self, target, options, OperationReport(observer, operations)).run()
    }
}

/// One backup.
private final class StoreBackup {
    private let store: Store
    private let target: BackupTarget
    private let options: BackupOptions
    private let report: OperationReport
    private let id: String
    private let time: Instant
    private let base: BackupBase?

    init(
        _ store: Store, _ target: BackupTarget, _ options: BackupOptions, _ report: OperationReport
    ) throws(StoreError) {
        self.store = store
        self.target = target
        self.options = options
        self.report = report
        id = Hex.text(SystemRandom.bytes(16))
        time = store.context.options.clock()
        let (storeID, revision) = (store.context.file.id, store.publishedRevision)
        if let path = options.base {
            base = try BackupBase(path, storeID: storeID, publishedRevision: revision)
        } else {
            base = nil
        }
    }

    func run() throws(StoreError) -> BackupSummary {
        let sink = try makeSink()
        do throws(StoreError) {
            let views = try store.takeViews(for: id, base: base?.shards ?? [:])
            defer { views.end() }
            return try save(views, to: sink)
        } catch {
            sink.discard()
            throw error
        }
    }

    private func makeSink() throws(StoreError) -> any BackupSink {
        switch target {
        case .folder(let path): try FolderSink(path)
        case .archive(let path): try ArchiveSink(path, time: time.microseconds / 1_000_000)
        }
    }

    private func save(_ views: StoreViews, to sink: any BackupSink) throws(StoreError) -> BackupSummary {
        let byteCount = views.shards.reduce(views.catalog.view.byteCount) { $0 + $1.part.byteCount }
        report.expect(count: views.shards.count + 2, bytes: byteCount)
        let meter = CopyMeter(options, report)
        var parts = [try copyStoreFile(views.storeFile, to: sink)]
        try meter.endFile()
        let catalog = BackupManifest.Part(
            name: Catalog.shardName, byteCount: views.catalog.view.byteCount, checksum: 0,
            transaction: views.catalog.view.transaction, origin: id)
        parts.append(try copy(catalog, of: views.catalog, to: sink, meter))
        var (linkedShardCount, linkedByteCount) = (0, 0)
        for shard in views.shards {
            switch shard.source {
            case .view(let open): parts.append(try copy(shard.part, of: open, to: sink, meter))
            case .base:
                try link(shard.part, to: sink, meter)
                parts.append(shard.part)
                linkedShardCount += 1
                linkedByteCount += shard.part.byteCount
            }
        }
        let file = store.context.file
        let manifest = BackupManifest(
            id: id, time: time, storeID: file.id, zoneName: file.zoneName, layout: store.layout,
            position: views.position, endPosition: store.publishedRevision, baseID: base?.manifest.id ?? "",
            parts: parts, missing: views.missing)
        try copy(manifest.bytes, to: sink, as: BackupManifest.fileName)
        try sink.finish()
        var summary = BackupSummary(manifest, path: target.path)
        (summary.linkedShardCount, summary.linkedByteCount) = (linkedShardCount, linkedByteCount)
        return summary
    }

    private func copy(_ bytes: [UInt8], to sink: any BackupSink, as file: String) throws(StoreError) {
        try sink.begin(file, byteCount: bytes.count)
        try sink.write(bytes)
        try sink.end()
    }

    private func copyStoreFile(_ bytes: [UInt8], to sink: any BackupSink) throws(StoreError) -> BackupManifest.Part {
        try copy(bytes, to: sink, as: BackupManifest.file(StoreFile.name))
        let checksum = CRC32C.checksum(of: bytes.span)
        return BackupManifest.Part(name: StoreFile.name, byteCount: bytes.count, checksum: checksum, origin: id)
    }

    /// Copies what a view shows, and gives the view up.
    private func copy(
        _ part: BackupManifest.Part, of open: StoreViews.OpenView, to sink: any BackupSink, _ meter: CopyMeter
    ) throws(StoreError) -> BackupManifest.Part {
        defer { open.end() }
        var part = part
        try sink.begin(BackupManifest.file(part.name), byteCount: part.byteCount)
        var offset = 0
        while offset < part.byteCount {
            var chunk: [UInt8]?
            do throws(LMDBError) {
                chunk = try open.view.read(at: offset, count: meter.chunkByteCount)
            } catch {
                throw StoreError(error, path: open.file.path)
            }
            guard let chunk else { throw .backup(.interrupted(shard: part.name)) }
            part.checksum = CRC32C.checksum(of: chunk.span, continuing: part.checksum)
            try sink.write(chunk)
            offset += chunk.count
            try meter.add(chunk.count)
        }
        try sink.end()
        try meter.endFile()
        return part
    }

    /// Takes a part over from the base. A file that has to be copied is compared with what was noted of it.
    private func link(_ part: BackupManifest.Part, to sink: any BackupSink, _ meter: CopyMeter) throws(StoreError) {
        guard let base else { preconditionFailure("a part of a base without a base") }
        let (path, file) = (base.file(part.name), BackupManifest.file(part.name))
        if try sink.link(path, as: file) { return try meter.endFile(skipped: part.byteCount) }
        let reader = try mapped { () throws(FileError) in try FileReader(path) }
        try sink.begin(file, byteCount: part.byteCount)
        var (left, checksum) = (part.byteCount, UInt32(0))
        while left > 0 {
            let wanted = min(left, meter.chunkByteCount)
            let chunk = try mapped { () throws(FileError) in try reader.read(upTo: wanted) }
            if chunk.isEmpty { break }
            checksum = CRC32C.checksum(of: chunk.span, continuing: checksum)
            try sink.write(chunk)
            left -= chunk.count
            try meter.add(chunk.count)
        }
        guard left == 0, checksum == part.checksum else {
            throw .backup(.damaged(path: path, reason: "its checksum is not the one that was noted"))
        }
        try sink.end()
        try meter.endFile()
    }
}

extension BackupSummary {
    fileprivate init(_ manifest: BackupManifest, path: String) {
        self.init()
        self.path = path
        id = manifest.id
        position = manifest.position
        endPosition = manifest.endPosition
        shardCount = manifest.parts.count { $0.period != nil }
        articleCount = manifest.articleCount
        byteCount = manifest.byteCount
        missing = manifest.missing
        manifestHash = SHA256.hash(manifest.bytes)
    }
}

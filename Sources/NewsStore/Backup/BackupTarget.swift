package import NewsModel
internal import Threads

/// Where a backup goes.
package enum BackupTarget: Hashable, Sendable {
    /// A folder, which is absent or empty.
    case folder(String)
    /// A file, which is absent: tar (ustar), compressed by zstd.
    case archive(String)

    package static let archiveSuffix = ".tar.zst"

    /// As it is written on a command line: what ends with ".tar.zst" is an archive.
    package init(_ path: String) {
        self = path.hasSuffix(BackupTarget.archiveSuffix) ? .archive(path) : .folder(path)
    }

    package var path: String {
        switch self {
        case .folder(let path), .archive(let path): path
        }
    }
}

/// How a backup is made.
package struct BackupOptions: Sendable {
    /// An earlier backup of the store, a folder. What has not changed since is linked to its files, or copied from them
    /// where that cannot be.
    package var base: String?
    /// So many bytes are read in a second at most; `nil`: as fast as it goes.
    package var bytesPerSecond: Int?
    /// Nanoseconds that never jump, and a pause: what the pace is kept by.
    package var now: @Sendable () -> Int64 = { MonotonicClock.now }
    package var wait: @Sendable (Duration) -> Void = { _ = WaitFlag().wait(for: $0) }

    package init() {}
}

/// What a backup has saved.
package struct BackupSummary: Hashable, Sendable {
    /// The folder or file.
    package internal(set) var path = ""
    /// 32 hexadecimal digits, which no other backup has.
    package internal(set) var id = ""
    /// The backup has every change up to this revision, of all shards, and none behind it.
    package internal(set) var position: UInt64 = 0
    /// What was published when the last file had been copied.
    package internal(set) var endPosition: UInt64 = 0
    package internal(set) var shardCount = 0
    package internal(set) var articleCount = 0
    /// Bytes of all files, compression aside.
    package internal(set) var byteCount = 0
    /// Shards that have not changed since the base, and their bytes. They are among the others.
    package internal(set) var linkedShardCount = 0
    package internal(set) var linkedByteCount = 0
    /// Shards that are not in it, with the reason.
    package internal(set) var missing: [MissingShard] = []
    /// SHA-256 of the manifest: whoever notes it can tell this backup from any other.
    package internal(set) var manifestHash: [UInt8] = []

    /// Whether every shard of the store is in it.
    package var isComplete: Bool { missing.isEmpty }
}

/// A shard that could not be read when the backup was made.
package struct MissingShard: Hashable, Sendable {
    package let period: Period
    package let reason: String
}

extension BackupSummary: CustomStringConvertible {
    /// "12 articles in 4 shards, 131072 bytes, up to revision 17".
    package var description: String {
        var parts = [
            "\(CountText.text(articleCount, "article")) in \(CountText.text(shardCount, "shard")), \(byteCount) bytes, "
                + "up to revision \(position)"
        ]
        if linkedShardCount > 0 {
            parts.append("\(CountText.text(linkedShardCount, "shard")), \(linkedByteCount) bytes, as in the base")
        }
        if !missing.isEmpty { parts.append("\(CountText.text(missing.count, "shard")) missing") }
        return parts.joined(separator: "; ")
    }
}

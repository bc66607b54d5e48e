internal import Bytes
internal import Files
internal import Zstd

/// A backup in one file: tar, compressed by zstd. What waits in memory is some 256 KiB, whatever the size.
final class ArchiveSink: BackupSink {
    private let target: String
    private let partial: PartialFolder
    private let path: String
    private let file: AppendedFile
    private let compressor = ZstdCompressor()
    private let compressed = ByteArena(capacity: 512 << 10)
    private let time: Int64
    /// Of the file that is being written.
    private var byteCount = 0

    private static let writeByteCount = 256 << 10

    /// - Parameter time: what the files are dated, in seconds since 1970.
    init(_ target: String, time: Int64) throws(StoreError) {
        self.target = target
        self.time = time
        guard try mapped({ () throws(FileError) in try !FileSystem.exists(target) }) else {
            throw .backup(.exists(path: target))
        }
        let name = "archive"
        let partial = try PartialFolder(beside: target, leftovers: [name])
        self.partial = partial
        let path = partial.path + "/" + name
        self.path = path
        file = try mapped { () throws(FileError) in try AppendedFile(path, mode: 0o600) }
    }

    func begin(_ file: String, byteCount: Int) throws(StoreError) {
        self.byteCount = byteCount
        try write(TarHeader(name: file, byteCount: byteCount, time: time).bytes)
    }

    func write(_ bytes: [UInt8]) throws(StoreError) {
        compressor.compress(bytes.span, into: compressed)
        if compressed.count >= ArchiveSink.writeByteCount { try flush() }
    }

    func end() throws(StoreError) {
        try write([UInt8](repeating: 0, count: TarHeader.paddingCount(byteCount)))
    }

    func link(_ path: String, as file: String) -> Bool { false }

    func finish() throws(StoreError) {
        try write([UInt8](repeating: 0, count: 2 * TarHeader.blockCount))
        compressor.finish(into: compressed)
        try flush()
        let (path, target) = (path, target)
        try mapped { () throws(FileError) in
            try file.sync()
            try FileSystem.rename(path, to: target)
            try FileSystem.syncDirectory(FileSystem.parent(of: target))
        }
        partial.discard()
    }

    private func flush() throws(StoreError) {
        let file = file
        try mapped { () throws(FileError) in
            try compressed.withBytes(in: 0..<compressed.count) { (bytes) throws(FileError) in try file.write(bytes) }
        }
        compressed.removeAll()
    }

    func discard() { partial.discard() }
}

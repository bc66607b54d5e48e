internal import Bytes
internal import Files
internal import NewsModel
internal import Zstd

/// Where the files of a backup are read from.
protocol BackupSource {
    /// Gives every file to `place`.
    ///
    /// - Returns: what they should have been, for `place` to compare.
    func read(into place: RestoredFiles, _ report: OperationReport) throws(StoreError) -> BackupManifest
}

/// A backup in a folder.
struct FolderSource: BackupSource {
    let path: String

    private static let chunkByteCount = 1 << 20

    func read(into place: RestoredFiles, _ report: OperationReport) throws(StoreError) -> BackupManifest {
        let manifest = try BackupManifest(inFolder: path)
        // Of all files, before the first is copied.
        try manifest.checkSizes(inFolder: path)
        report.expect(count: manifest.parts.count, bytes: manifest.byteCount)
        for part in manifest.parts {
            let file = path + "/" + BackupManifest.file(part.name)
            let reader = try mapped { () throws(FileError) in try FileReader(file) }
            try place.begin(part.name)
            while true {
                let chunk = try mapped { () throws(FileError) in try reader.read(upTo: FolderSource.chunkByteCount) }
                if chunk.isEmpty { break }
                try place.write(chunk)
                try report.did(count: 0, bytes: chunk.count)
            }
            try place.end()
            // At once, so that damage in the first file is not found behind the last.
            try place.compare(part, in: path)
            try report.did(count: 1, isStep: true)
        }
        return manifest
    }
}

/// A backup in one file, read from its beginning to its end once.
struct ArchiveSource: BackupSource {
    let path: String

    func read(into place: RestoredFiles, _ report: OperationReport) throws(StoreError) -> BackupManifest {
        let archive = try ArchiveReader(path)
        var manifest: [UInt8]?
        while let header = try archive.nextHeader() {
            if header.kind == .folder { continue }
            let name = header.name.hasPrefix("./") ? header.name.dropFirst(2) : Substring(header.name)
            if name == BackupManifest.fileName {
                guard header.byteCount <= BackupManifest.byteCountMax else { throw unexpected(name) }
                manifest = try content(of: header, archive)
            } else if let part = BackupManifest.name(ofFile: name) {
                try place.begin(part)
                try archive.read(header.byteCount) { (chunk) throws(StoreError) in
                    try place.write(chunk)
                    try report.did(count: 0, bytes: chunk.count)
                }
                try place.end()
                try report.did(count: 1, isStep: true)
            } else {
                throw unexpected(name)
            }
        }
        try archive.finish()
        guard let manifest else {
            throw .backup(
                .incomplete(path: path, reason: "it has no \(BackupManifest.fileName), which is written last"))
        }
        return try BackupManifest(manifest, path: path + ":" + BackupManifest.fileName)
    }

    private func content(of header: TarHeader, _ archive: ArchiveReader) throws(StoreError) -> [UInt8] {
        var content: [UInt8] = []
        try archive.read(header.byteCount) { (chunk) throws(StoreError) in content += chunk }
        return content
    }

    private func unexpected(_ name: Substring) -> StoreError {
        .backup(.damaged(path: path, reason: "\(name) belongs to no backup"))
    }
}

/// The blocks of a compressed archive. Takes the memory of a few pieces, whatever the size.
private final class ArchiveReader {
    private let path: String
    private let file: FileReader
    private let decompressor = ZstdDecompressor()
    private let pending = ByteArena(capacity: pieceByteCount)
    /// What of `pending` has been given out.
    private var taken = 0
    private var input: [UInt8] = []
    private var inputTaken = 0

    private static let pieceByteCount = 256 << 10

    init(_ path: String) throws(StoreError) {
        self.path = path
        file = try mapped { () throws(FileError) in try FileReader(path) }
    }

    /// - Returns: `nil` at the end of the archive.
    func nextHeader() throws(StoreError) -> TarHeader? {
        var block: [UInt8] = []
        try read(TarHeader.blockCount, padded: false) { (chunk) throws(StoreError) in block += chunk }
        do throws(TarHeader.Fault) {
            return try TarHeader(block)
        } catch {
            switch error {
            case .notATar: throw .backup(.damaged(path: path, reason: "a header in it is none of tar"))
            case .kind(let kind):
                throw .backup(.damaged(path: path, reason: "it has an entry of the kind \(kind), which no backup has"))
            }
        }
    }

    /// Reads the next bytes, in pieces, and what fills their last block.
    func read(
        _ byteCount: Int, padded: Bool = true, _ body: ([UInt8]) throws(StoreError) -> Void
    ) throws(StoreError) {
        var left = byteCount
        while left > 0 {
            let chunk = try next(upTo: left)
            guard !chunk.isEmpty else { throw .backup(.incomplete(path: path, reason: "it ends in the middle")) }
            try body(chunk)
            left -= chunk.count
        }
        let padding = TarHeader.paddingCount(byteCount)
        if padded, padding > 0 { try read(padding, padded: false) { _ in } }
    }

    /// Reads to the end of the file: behind the archive's end there are zeroes alone, and the checksum of all.
    func finish() throws(StoreError) {
        while true {
            let chunk = try next(upTo: ArchiveReader.pieceByteCount)
            if chunk.isEmpty { break }
            guard chunk.allSatisfy({ $0 == 0 }) else {
                throw .backup(.damaged(path: path, reason: "something stands behind its end"))
            }
        }
        guard decompressor.isAtFrameEnd else {
            throw .backup(.incomplete(path: path, reason: "it ends in the middle"))
        }
    }

    /// - Returns: an empty one at the end of the file.
    private func next(upTo limit: Int) throws(StoreError) -> [UInt8] {
        while taken == pending.count {
            pending.removeAll()
            taken = 0
            if inputTaken == input.count {
                input = try mapped { () throws(FileError) in try file.read(upTo: ArchiveReader.pieceByteCount) }
                inputTaken = 0
            }
            let input = input
            let isAtEnd = input.isEmpty
            do throws(ZstdError) {
                inputTaken += try decompressor.decompress(
                    input.span, from: inputTaken, room: ArchiveReader.pieceByteCount, into: pending)
            } catch {
                throw .backup(.damaged(path: path, reason: "zstd says: \(error)"))
            }
            if isAtEnd, pending.count == 0 { return [] }
        }
        let count = min(limit, pending.count - taken)
        defer { taken += count }
        return pending.withBytes(in: taken..<(taken + count)) { Array($0) }
    }
}

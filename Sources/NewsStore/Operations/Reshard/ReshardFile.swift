internal import Files
internal import NewsModel

/// The file RESHARD: the store is on its way from one layout to another.
///
///     newsrpc reshard
///     from month
///     to quarter 3     with three slots
///     crc32c 0a1b2c3d
///
/// It is there from before anything is made until after everything old is gone, and says with STORE how far that is:
/// as long as STORE names the first layout, shards of the second one are unfinished copies; once STORE names the
/// second, those of the first are what is to be removed. Without it no folder of a shard is removed for its layout,
/// which its name tells.
struct ReshardFile: Equatable {
    static let name = "RESHARD"
    /// Where copies are made.
    static let folderName = "reshard"
    private static let title = "newsrpc reshard"

    let from: ShardLayout
    let to: ShardLayout

    init(from: ShardLayout, to: ShardLayout) {
        self.from = from
        self.to = to
    }

    var bytes: [UInt8] {
        let body = Array("\(ReshardFile.title)\nfrom \(from.fileText)\nto \(to.fileText)\n".utf8)
        return body + Array("crc32c \(StoreFile.checksum(body))\n".utf8)
    }

    /// - Returns: `nil` when the bytes are no such file.
    init?(_ bytes: [UInt8]) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { $0.split(separator: " ") }
        guard lines.count == 4, let from = ShardLayout(words: lines[1].dropFirst()),
            let to = ShardLayout(words: lines[2].dropFirst())
        else { return nil }
        self.init(from: from, to: to)
        guard self.bytes == bytes else { return nil }
    }

    /// - Returns: `nil` when there is none.
    static func read(_ directory: String) throws(StoreError) -> ReshardFile? {
        let path = directory + "/" + name
        guard try mapped({ () throws(FileError) in try FileSystem.exists(path) }) else { return nil }
        let bytes = try mapped { () throws(FileError) in try FileSystem.read(path, limit: 4096) }
        guard let file = ReshardFile(bytes) else {
            throw .damagedStoreFile(path: path, reason: "its checksum does not fit")
        }
        return file
    }

    func write(_ directory: String) throws(StoreError) {
        try mapped { () throws(FileError) in try FileSystem.writeAtomically(directory + "/" + ReshardFile.name, bytes) }
    }

    /// The copies of no group count as whole any more: files are replaced, and the numbers of their transactions begin
    /// anew.
    static func forgetCopies(_ directory: String) throws(StoreError) {
        guard try read(directory) != nil else { return }
        let folder = directory + "/" + folderName
        try mapped { () throws(FileError) -> Void in
            guard try FileSystem.exists(folder) else { return }
            for name in try FileSystem.list(folder) where name.hasSuffix(doneSuffix) {
                try FileSystem.remove(folder + "/" + name)
            }
            try FileSystem.syncDirectory(folder)
        }
    }

    static let doneSuffix = ".done"

    /// Removes the copies, then the file.
    static func remove(_ directory: String) throws(StoreError) {
        try mapped { () throws(FileError) in
            try FileSystem.removeTree(directory + "/" + folderName)
            try FileSystem.syncDirectory(directory)
            try FileSystem.remove(directory + "/" + name)
            try FileSystem.syncDirectory(directory)
        }
    }
}

extension StoreDirectory {
    /// - Throws: when there are shards of another layout than STORE says, and nothing tells why.
    func checkLayout() throws(StoreError) {
        guard let reshard = try ReshardFile.read(path) else {
            guard let other = try folders(where: { $0 != file.layout }).first else { return }
            throw .damagedStoreFile(
                path: path + "/" + StoreFile.name,
                reason: "its period is \(file.layout), and shard \(other) is there")
        }
        guard [reshard.from, reshard.to].contains(file.layout) else {
            throw .damagedStoreFile(path: path + "/" + ReshardFile.name, reason: "it is another store's")
        }
    }

    /// Brings what a process left that ended while it changed the layout to a point from which the store can
    /// be served: copies that stand among the shards too early go back to where they are made; once STORE has changed,
    /// the old shards go.
    func settleReshard() throws(StoreError) {
        guard let reshard = try ReshardFile.read(path) else { return }
        if file.layout == reshard.to { return try StoreDirectory.finish(reshard, path) }
        let copies = path + "/" + ReshardFile.folderName
        for period in try folders(where: { $0 == reshard.to }) {
            try mapped { () throws(FileError) in
                try FileSystem.makeDirectory(copies)
                try FileSystem.removeTree("\(copies)/\(period)")
                try FileSystem.rename("\(shardsPath)/\(period)", to: "\(copies)/\(period)")
            }
        }
        try mapped { () throws(FileError) in try FileSystem.syncDirectory(shardsPath) }
    }

    /// Removes the shards of the old layout, once STORE has changed.
    static func finish(_ reshard: ReshardFile, _ path: String) throws(StoreError) {
        try removeFolders(of: reshard.from, path)
        try ReshardFile.remove(path)
    }

    static func removeFolders(of layout: ShardLayout, _ path: String) throws(StoreError) {
        let shardsPath = path + "/" + shardsName
        let old = try folders(of: shardsPath) { $0 == layout }
        if old.isEmpty { return }
        try StopRecord.forget(Set(old), path)
        try mapped { () throws(FileError) in
            for period in old { try FileSystem.removeTree("\(shardsPath)/\(period)") }
            try FileSystem.syncDirectory(shardsPath)
        }
    }

    private func folders(where isWanted: (ShardLayout) -> Bool) throws(StoreError) -> [Period] {
        try StoreDirectory.folders(of: shardsPath, where: isWanted)
    }

    private static func folders(
        of shardsPath: String, where isWanted: (ShardLayout) -> Bool
    ) throws(StoreError) -> [Period] {
        try mapped { () throws(FileError) in try FileSystem.list(shardsPath) }
            .compactMap { Period($0) }
            .filter { $0.layout.map(isWanted) ?? false }
    }
}

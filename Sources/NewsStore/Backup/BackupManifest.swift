internal import Bytes
internal import NewsModel
internal import ProtoJSON

/// What a backup holds: the file manifest.json, which is written last, so that a backup without it is none.
///
/// Its last member is the CRC-32C of the same text without that member. Reading it makes the text again and compares,
/// so a change to any byte of it is found. Whole numbers of 64 bits are written as strings, as in protobuf's JSON.
struct BackupManifest: Equatable {
    static let fileName = "manifest.json"
    /// The newest that is read. One of a store with slots has version 2, any other version 1.
    static let version = 2
    static let byteCountMax = 64 << 20
    /// More than any store comes to, with room for what is added to it.
    private static let revisionMax = UInt64(1) << 62
    private static let title = "newsrpc backup"

    /// One file.
    struct Part: Equatable {
        /// "STORE", "catalog", or the name of a shard.
        var name: String
        var byteCount: Int
        /// CRC-32C of all bytes.
        var checksum: UInt32
        /// The last transaction that it shows; 0 for STORE.
        var transaction: UInt64 = 0
        var lastRevision: UInt64 = 0
        var articleCount = 0
        /// What the file was that was copied, see `FileStamp.text`; "": not noted.
        var stamp = ""
        /// The backup for which it was copied from the store.
        var origin: String

        var period: Period? { Period(name) }
    }

    var id: String
    var time: Instant
    var storeID: [UInt8]
    var zoneName: String
    var layout: ShardLayout
    var position: UInt64
    var endPosition: UInt64
    /// "": none.
    var baseID = ""
    var parts: [Part]
    var missing: [MissingShard] = []

    var articleCount: Int { parts.reduce(0) { $0 + $1.articleCount } }
    var byteCount: Int { parts.reduce(0) { $0 + $1.byteCount } }

    /// Where a part lies in a backup. Not where a store would look for it: nobody is to serve a backup by mistake.
    static func file(_ name: String) -> String {
        switch name {
        case StoreFile.name: "\(folderName)/\(name)"
        default: "\(folderName)/\(name).mdb"
        }
    }

    /// The part that lies there; `nil`: no part does.
    static func name(ofFile file: Substring) -> String? {
        let prefix = folderName + "/"
        guard file.hasPrefix(prefix) else { return nil }
        let last = file.dropFirst(prefix.count)
        if last == StoreFile.name { return StoreFile.name }
        guard last.hasSuffix(".mdb") else { return nil }
        let name = String(last.dropLast(4))
        return name == Catalog.shardName || Period(name) != nil ? name : nil
    }

    static let folderName = "parts"
}

// MARK: - As text

extension BackupManifest {
    var bytes: [UInt8] {
        let body = JSONWriter.text(of: JSONNode(.object(members)), indent: 2)
        let checksum = JSONMember("crc32c", .string(StoreFile.checksum(body)))
        return JSONWriter.text(of: JSONNode(.object(members + [checksum])), indent: 2) + [UInt8(ascii: "\n")]
    }

    private var members: [JSONMember] {
        [
            JSONMember("kind", .string(BackupManifest.title)),
            JSONMember("version", .number(layout.slotCount > 1 ? 2 : 1)),
            JSONMember("id", .string(id)),
            JSONMember("time", .string(RFC3339.text(time))),
            JSONMember("storeId", .string(Hex.text(storeID))),
            JSONMember("zone", .string(zoneName)),
            JSONMember("period", .string(layout.length.rawValue)),
        ] + (layout.slotCount > 1 ? [JSONMember("slots", .number(layout.slotCount))] : []) + [
            JSONMember("position", .string(String(position))),
            JSONMember("endPosition", .string(String(endPosition))),
            JSONMember("base", .string(baseID)),
            JSONMember("articles", .number(articleCount)),
            JSONMember("parts", .array(parts.map(\.node))),
            JSONMember(
                "missing",
                .array(
                    missing.map { .object(["period": .string($0.period.description), "reason": .string($0.reason)]) })),
        ]
    }

    /// - Parameter path: for the errors.
    init(_ bytes: [UInt8], path: String) throws(StoreError) {
        func damaged(_ reason: String) -> StoreError { .backup(.damaged(path: path, reason: reason)) }
        let node: JSONNode
        do { node = try JSONReader.read(bytes) } catch { throw damaged("\(error)") }
        guard node["kind"]?.text == BackupManifest.title, let version = node["version"]?.wholeNumber else {
            throw damaged("it is no manifest of a backup")
        }
        guard version <= BackupManifest.version else {
            throw .backup(.newerVersion(path: path, found: version, supported: BackupManifest.version))
        }
        guard let id = node["id"]?.text, let time = node["time"]?.text.flatMap({ try? RFC3339.parse($0) }),
            let storeID = node["storeId"]?.text.flatMap({ Hex.bytes($0) }), storeID.count == StoreFile.idCount,
            let zone = node["zone"]?.text, let length = node["period"]?.text.flatMap({ PeriodLength(rawValue: $0) }),
            let layout = ShardLayout(length, slots: node["slots"] == nil ? 1 : node["slots"]?.wholeNumber ?? 0),
            let position = node["position"]?.number64, position <= BackupManifest.revisionMax,
            let endPosition = node["endPosition"]?.number64,
            let base = node["base"]?.text, let parts = node["parts"]?.elements?.map(Part.init),
            let missing = node["missing"]?.elements?.map(MissingShard.init)
        else { throw damaged("a member is missing, or not what it must be") }
        self.init(
            id: id, time: time, storeID: storeID, zoneName: zone, layout: layout, position: position,
            endPosition: endPosition, baseID: base, parts: parts.compactMap(\.self), missing: missing.compactMap(\.self)
        )
        let names = self.parts.map(\.name)
        guard self.parts.count == parts.count, self.missing.count == missing.count, Set(names).count == names.count,
            names.contains(StoreFile.name), names.contains(Catalog.shardName)
        else { throw damaged("its parts are not what they must be") }
        guard self.bytes == bytes else { throw damaged("its checksum does not fit") }
    }
}

extension BackupManifest.Part {
    fileprivate var node: JSONNode {
        .object([
            "name": .string(name), "file": .string(BackupManifest.file(name)), "bytes": .string(String(byteCount)),
            "crc32c": .string(Checksum.text(checksum)), "transaction": .string(String(transaction)),
            "revision": .string(String(lastRevision)), "articles": .number(articleCount), "stamp": .string(stamp),
            "from": .string(origin),
        ])
    }

    fileprivate init?(_ node: JSONNode) {
        guard let name = node["name"]?.text,
            name == StoreFile.name || name == Catalog.shardName || Period(name) != nil,
            let byteCount = node["bytes"]?.number64.flatMap({ Int(exactly: $0) }),
            let checksum = node["crc32c"]?.text.flatMap({ Checksum.number($0) }),
            let transaction = node["transaction"]?.number64, let revision = node["revision"]?.number64,
            let articles = node["articles"]?.wholeNumber, let stamp = node["stamp"]?.text,
            let origin = node["from"]?.text
        else { return nil }
        self.init(
            name: name, byteCount: byteCount, checksum: checksum, transaction: transaction, lastRevision: revision,
            articleCount: articles, stamp: stamp, origin: origin)
    }
}

extension MissingShard {
    fileprivate init?(_ node: JSONNode) {
        guard let period = node["period"]?.text.flatMap({ Period($0) }), let reason = node["reason"]?.text else {
            return nil
        }
        self.init(period: period, reason: reason)
    }
}

/// A CRC-32C as eight hexadecimal digits.
enum Checksum {
    static func text(_ checksum: UInt32) -> String {
        Hex.text((0..<4).reversed().map { UInt8(truncatingIfNeeded: checksum >> (8 * UInt32($0))) })
    }

    static func number(_ text: String) -> UInt32? {
        guard let bytes = Hex.bytes(text), bytes.count == 4 else { return nil }
        return bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }
}

extension JSONNode {
    fileprivate var text: String? {
        guard case .string(let text) = content else { return nil }
        return text
    }

    fileprivate var wholeNumber: Int? {
        guard case .number(let text) = content, let number = Int(text), number >= 0 else { return nil }
        return number
    }

    /// A number that is written as a string.
    fileprivate var number64: UInt64? { text.flatMap { UInt64($0) } }

    fileprivate var elements: [JSONNode]? {
        guard case .array(let elements) = content else { return nil }
        return elements
    }
}

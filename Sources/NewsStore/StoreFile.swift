internal import Bytes
internal import Files
internal import NewsModel

/// The file STORE: what a store is, once and for all.
///
///     newsrpc store
///     format 1         2 once the store has had slots, as `located` may name them
///     zone Asia/Shanghai
///     period month
///     slots 1          of each period
///     id 5f0c6d1f3a9b4e77a1b2c3d4e5f60718
///     token-key (64 hex digits)
///     crc32c 0a1b2c3d
///
/// Lines end with a line feed. The checksum is over all the lines before its own.
struct StoreFile: Equatable {
    static let name = "STORE"
    static let formats = 1...2
    /// The first that knows slots.
    static let slotFormat = 2
    static let idCount = 16
    static let tokenKeyCount = 32
    private static let title = "newsrpc store"

    var format: Int
    var zoneName: String
    var layout: ShardLayout {
        didSet { if layout.slotCount > 1 { format = StoreFile.slotFormat } }
    }
    var id: [UInt8]
    var tokenKey: [UInt8]

    /// A new store's.
    init(zoneName: String, _ layout: ShardLayout) {
        var random = SystemRandomNumberGenerator()
        self.zoneName = zoneName
        self.layout = layout
        format = layout.slotCount > 1 ? StoreFile.slotFormat : 1
        id = (0..<StoreFile.idCount).map { _ in UInt8.random(in: 0...255, using: &random) }
        tokenKey = (0..<StoreFile.tokenKeyCount).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    var bytes: [UInt8] {
        let text = """
            \(StoreFile.title)
            format \(format)
            zone \(zoneName)
            period \(layout.length)
            slots \(layout.slotCount)
            id \(Hex.text(id))
            token-key \(Hex.text(tokenKey))

            """
        let body = Array(text.utf8)
        return body + Array("crc32c \(StoreFile.checksum(body))\n".utf8)
    }

    /// - Parameter path: for the errors.
    init(_ bytes: [UInt8], path: String) throws(StoreError) {
        func damaged(_ reason: String) -> StoreError { .damagedStoreFile(path: path, reason: reason) }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count >= 2, String(decoding: lines[0], as: UTF8.self) == StoreFile.title else {
            throw damaged("its first line is not \"\(StoreFile.title)\"")
        }
        // The format comes before the checksum: a later one may have another.
        guard let format = StoreFile.value(of: "format", in: lines[1]).flatMap({ Int($0) }) else {
            throw damaged("its second line names no format")
        }
        guard format <= StoreFile.formats.upperBound else {
            throw .newerFormat(path: path, found: format, supported: StoreFile.formats.upperBound)
        }
        guard StoreFile.formats.contains(format), lines.count == 9, lines[8].isEmpty else {
            throw damaged("it has \(max(0, lines.count - 1)) lines in place of 8")
        }
        let body = bytes.prefix(bytes.count - lines[7].count - 1)
        guard StoreFile.value(of: "crc32c", in: lines[7]) == StoreFile.checksum(Array(body)) else {
            throw damaged("its checksum does not fit")
        }
        guard let zone = StoreFile.value(of: "zone", in: lines[2]),
            let period = StoreFile.value(of: "period", in: lines[3]).flatMap({ PeriodLength(rawValue: $0) }),
            let slots = StoreFile.value(of: "slots", in: lines[4]).flatMap({ Int($0) }),
            slots == 1 || format >= StoreFile.slotFormat,
            let layout = ShardLayout(period, slots: slots),
            let id = StoreFile.value(of: "id", in: lines[5]).flatMap({ Hex.bytes($0) }), id.count == StoreFile.idCount,
            let key = StoreFile.value(of: "token-key", in: lines[6]).flatMap({ Hex.bytes($0) }),
            key.count == StoreFile.tokenKeyCount
        else { throw damaged("a line does not say what it must") }
        (self.format, zoneName, self.layout, self.id, tokenKey) = (format, zone, layout, id, key)
    }

    private static func value(of name: String, in line: ArraySlice<UInt8>) -> String? {
        let prefix = Array((name + " ").utf8)
        guard line.starts(with: prefix) else { return nil }
        return String(decoding: line.dropFirst(prefix.count), as: UTF8.self)
    }

    /// What the last line of STORE, CLEAN and STARTED says of all lines before it.
    static func checksum(_ body: [UInt8]) -> String {
        let checksum = CRC32C.checksum(of: body.span)
        return Hex.text((0..<4).reversed().map { UInt8(truncatingIfNeeded: checksum >> (8 * UInt32($0))) })
    }
}

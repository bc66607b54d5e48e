internal import Bytes
internal import LMDB
internal import NewsModel

/// How the reading of one record ended.
enum RecordResult: Equatable {
    case absent
    /// A checksum, a head or a piece is not as it was written.
    case damaged
    case found(RecordHeader)
}

/// Reads of whole records, in transactions of either kind.
extension TableReading where Self: ~Copyable {
    /// Appends a record's content to the arena: all its pieces, without heads.
    ///
    /// - Parameter skipping: bytes of the content that are left out at its beginning.
    borrowing func record(
        _ key: Span<UInt8>, in table: ShardTable, _ tables: ShardTables, skipping: Int = 0,
        appendingTo arena: ByteArena
    ) throws(LMDBError) -> RecordResult {
        var reading = RecordReading(seed: table.seed, skipping: skipping)
        let found = try withValue(of: key, in: tables[table]) { value in reading.first(value, key: key, arena) }
        guard found else { return .absent }
        while let number = reading.nextPiece {
            let pieceKey = Key(key, piece: number)
            try pieceKey.withSpan { (pieceKey) throws(LMDBError) in
                let found = try withValue(of: pieceKey, in: tables[table]) { value in
                    reading.next(value, key: pieceKey, number, arena)
                }
                if !found { reading.miss() }
            }
        }
        return reading.result
    }

    /// A record's head alone. Its first piece is checked, the others are not looked at.
    borrowing func header(
        _ key: Span<UInt8>, in table: ShardTable, _ tables: ShardTables
    ) throws(LMDBError) -> RecordResult {
        var reading = RecordReading(seed: table.seed, skipping: 0)
        let found = try withValue(of: key, in: tables[table]) { value in reading.first(value, key: key, nil) }
        return found ? reading.result : .absent
    }

    /// Base plus events at a row's key; `nil` when they are damaged or missing.
    ///
    /// - Parameter unwritten: views that the article has had here, if some of them are not written yet.
    borrowing func counters(
        _ rowKey: Span<UInt8>, _ tables: ShardTables, unwritten: Int64?
    ) throws(LMDBError) -> Counters? {
        var counters: Counters?
        _ = try withValue(of: rowKey, in: tables[.stats]) { value in
            guard Sealed.isSound(value, key: rowKey, seed: ShardTable.stats.seed) else { return }
            counters = StatsValue.total(value, raisedTo: unwritten)
        }
        return counters
    }

    /// The counters at a row's key; `nil` when they are damaged or missing.
    borrowing func stats(_ rowKey: Span<UInt8>, _ tables: ShardTables) throws(LMDBError) -> StatsValue? {
        var stats: StatsValue?
        _ = try withValue(of: rowKey, in: tables[.stats]) { value in
            guard Sealed.isSound(value, key: rowKey, seed: ShardTable.stats.seed) else { return }
            stats = StatsValue(value)
        }
        return stats
    }
}

/// The state of reading one record piece by piece.
struct RecordReading {
    private let seed: UInt32
    private let skipping: Int
    private var header: RecordHeader?
    private var isDamaged = false
    private var pieceCount = 1
    private var pieceNumber = 1

    init(seed: UInt32, skipping: Int) {
        self.seed = seed
        self.skipping = skipping
    }

    var result: RecordResult {
        if !isDamaged, let header { return .found(header) }
        return .damaged
    }

    /// The number of the piece to be read next; `nil` when there is none, or no sense in reading it.
    var nextPiece: Int? { !isDamaged && pieceNumber < pieceCount ? pieceNumber : nil }

    /// Takes the first piece.
    ///
    /// - Parameter arena: gets its content; `nil`: only the head is wanted, and further pieces are not.
    mutating func first(_ value: Span<UInt8>, key: Span<UInt8>, _ arena: ByteArena?) {
        let start = RecordHeader.byteCount + skipping
        guard Sealed.isSound(value, key: key, seed: seed), let header = RecordHeader(value), value.count >= start else {
            return miss()
        }
        self.header = header
        guard let arena else { return }
        arena.append(value.extracting(start..<value.count))
        pieceCount = RecordHeader.pieceCount(value)
    }

    /// Takes a piece behind the first.
    mutating func next(_ value: Span<UInt8>, key: Span<UInt8>, _ number: Int, _ arena: ByteArena) {
        guard Sealed.isSound(value, key: key, seed: seed), let piece = PieceHeader(value),
            piece == PieceHeader(number: number, revision: header?.revision ?? 0, pieceCount: pieceCount)
        else { return miss() }
        arena.append(value.extracting(RecordHeader.pieceByteCount..<value.count))
        pieceNumber += 1
    }

    /// A piece is missing or damaged.
    mutating func miss() { isDamaged = true }
}

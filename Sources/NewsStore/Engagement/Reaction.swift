internal import Bytes
internal import NewsModel

/// What somebody says of an article without a word.
package enum Reaction: Hashable, Sendable {
    // Those that count once for each actor: 1 to `actorCountMax` printable ASCII characters without spaces.

    case like(by: String)
    case favorite(by: String)

    // Those that count each time.

    case share
    case tip

    /// Of an actor, in bytes.
    package static let actorCountMax = 64

    /// Whether a second one of the same actor changes nothing.
    package var countsOnce: Bool {
        switch self {
        case .like, .favorite: true
        case .share, .tip: false
        }
    }

    var counter: WritableKeyPath<Counters, Int64> {
        switch self {
        case .like: \.likes
        case .favorite: \.favorites
        case .share: \.shares
        case .tip: \.tips
        }
    }

    var known: Counters.Known {
        switch self {
        case .like: .likes
        case .favorite: .favorites
        case .share: .shares
        case .tip: .tips
        }
    }

    /// The key in `reactions`; `nil` for those that have none.
    func key(_ id: ArticleID) -> [UInt8]? {
        switch self {
        case .like(let actor): ReactionKey.prefix(id) + [ReactionKey.like] + actor.utf8
        case .favorite(let actor): ReactionKey.prefix(id) + [ReactionKey.favorite] + actor.utf8
        case .share, .tip: nil
        }
    }
}

/// A key of `reactions`, read: the article's id, a colon, l or f, the actor.
struct ReactionKey: Hashable {
    static let like = UInt8(ascii: "l")
    static let favorite = UInt8(ascii: "f")
    private static let mark = UInt8(ascii: ":")

    let id: ArticleID
    let isLike: Bool

    /// - Returns: `nil` when the key is none that the store makes.
    init?(_ key: [UInt8]) {
        guard let end = key.firstIndex(of: ReactionKey.mark), key.count > end + 2 else { return nil }
        let idBytes = Array(key[..<end])
        guard let id = ArticleID(idBytes.span),
            (1...Reaction.actorCountMax).contains(key.count - end - 2)
        else { return nil }
        switch key[end + 1] {
        case ReactionKey.like: isLike = true
        case ReactionKey.favorite: isLike = false
        default: return nil
        }
        self.id = id
    }

    /// What all keys of an article begin with, and no others.
    static func prefix(_ id: ArticleID) -> [UInt8] { Array(id.text.utf8) + [mark] }
}

/// What an entry of `reactions` holds.
///
///      0  CRC-32C  u32    4  layout u8 1    5  zero, 3 bytes    8  time i64
struct ReactionValue: Equatable {
    private static let byteCount = 16
    private static let layout: UInt8 = 1

    let time: Instant

    init(time: Instant) { self.time = time }

    /// - Returns: `nil` when the bytes are no reaction. Their checksum is not looked at.
    init?(_ value: Span<UInt8>) {
        guard value.count == ReactionValue.byteCount, value[4] == ReactionValue.layout else { return nil }
        time = Instant(microseconds: Int64(bitPattern: value.littleEndian64(at: 8)))
    }

    func append(to builder: inout ValueBuilder) {
        builder.append(ReactionValue.layout)
        builder.append([0, 0, 0])
        builder.append(time.microseconds)
    }
}

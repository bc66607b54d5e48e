package import Bytes

/// A message of the API.
///
/// Values compare field by field, and text as Swift compares it: by canonical equivalence, where two spellings of `é`
/// are one. Compare encoded bytes where that difference matters.
public protocol ProtoMessage: Hashable, Sendable {
    /// Nothing set.
    init()

    /// Reads an encoded message.
    ///
    /// Every text is checked: UTF-8, and no U+0000. The last of several values of a singular field holds; unknown
    /// fields and unknown values of enums are kept.
    ///
    /// Three things that protobuf allows are taken otherwise, as protobuf-c knows no better: groups and fields with
    /// another wire type than their own are refused, and of a singular sub-message that comes twice the earlier one's
    /// numbers are lost.
    init(decoding bytes: Span<UInt8>) throws(MessageError)

    /// The message as protobuf. Equal fields give equal bytes: fields by number, maps by key, unknown fields last.
    func encoded() -> [UInt8]

    /// Full name, such as `news.v1.Article`.
    static var protoName: String { get }

    /// Fields that this version does not know, as they came: whole fields with their tags.
    var unknownFields: [UInt8] { get set }
}

/// A message that writes itself where a reply is put together.
package protocol ArenaMessage: ProtoMessage {
    /// Appends `encoded()`, without an array in between.
    func encode(into arena: ByteArena)
}

extension ProtoMessage {
    /// Reads an encoded message from an array.
    public init(decoding bytes: [UInt8]) throws(MessageError) { try self.init(decoding: bytes.span) }
}

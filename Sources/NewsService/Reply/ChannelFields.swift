internal import Bytes

/// `channel_display_name` of each channel, encoded once and kept for the loop that answers.
///
/// Channels are only ever added and never renamed, so what is known stays right.
final class ChannelFields {
    private static let displayName: UInt64 = 33
    /// All fields known so far, one behind the other.
    private let encoded = ByteArena(capacity: 4096)
    /// Where the field of each number lies in `encoded`; empty where it is not known yet.
    private var ranges: [Range<Int>] = []
    private let name: (UInt32) -> String?

    /// - Parameter name: Looks the display name of a number up, when it is asked for the first time.
    init(name: @escaping (UInt32) -> String?) { self.name = name }

    /// Lends the field of the channel with this number, encoded; empty for none.
    func withField(of number: UInt32, _ body: (Span<UInt8>) -> Void) {
        let index = Int(number)
        let range = index < ranges.count && !ranges[index].isEmpty ? ranges[index] : learn(number)
        encoded.withBytes(in: range, body)
    }

    private func learn(_ number: UInt32) -> Range<Int> {
        guard number > 0, let name = name(number) else { return 0..<0 }
        let index = Int(number)
        if index >= ranges.count { ranges += repeatElement(0..<0, count: index + 1 - ranges.count) }
        let start = encoded.count
        ChannelFields.append(name, to: encoded)
        ranges[index] = start..<encoded.count
        return ranges[index]
    }

    /// Appends the field of one display name; nothing for an empty one.
    static func append(_ name: String, to arena: ByteArena) {
        guard !name.isEmpty else { return }
        let text = name.utf8Span.span
        arena.write(upTo: 20 + text.count) { writer in
            writer.append(field: displayName, byteCount: text.count)
            writer.append(text)
        }
    }
}

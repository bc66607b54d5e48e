internal import NewsModel

/// `channel_display_name` of each channel, encoded once and kept for the loop that answers.
///
/// Channels are only ever added and never renamed, so what is known stays right.
final class ChannelFields {
    private static let displayName: UInt64 = 33
    /// By number; empty where it is not known yet.
    private var encoded: [[UInt8]] = []
    private let name: (UInt32) -> String?

    /// - Parameter name: Looks the display name of a number up, when it is asked for the first time.
    init(name: @escaping (UInt32) -> String?) { self.name = name }

    /// The field of the channel with this number, encoded; empty for none.
    func field(of number: UInt32) -> [UInt8] {
        let index = Int(number)
        if index < encoded.count, !encoded[index].isEmpty { return encoded[index] }
        return number == 0 ? [] : learn(number)
    }

    private func learn(_ number: UInt32) -> [UInt8] {
        guard let name = name(number) else { return [] }
        let index = Int(number)
        if index >= encoded.count { encoded += repeatElement([], count: index + 1 - encoded.count) }
        encoded[index] = ChannelFields.encode(name)
        return encoded[index]
    }

    static func encode(_ displayName: String) -> [UInt8] {
        var buffer = FieldBuffer()
        buffer.append(field: self.displayName, byteCount: displayName.utf8.count)
        return buffer.withBytes { head in (0..<head.count).map { head[$0] } } + Array(displayName.utf8)
    }
}

internal import NewsModel

/// `channel_display_name` of each channel, encoded once and kept for the loop that answers.
///
/// Channels are only ever added, so what is known stays right.
struct ChannelFields {
    private static let displayName: UInt64 = 33
    private var encoded: [UInt32: [UInt8]] = [:]

    /// The field of the channel with this number, encoded; empty for none.
    ///
    /// - Parameter name: Looks the display name up, when it is asked for the first time.
    mutating func field(of number: UInt32, name: (UInt32) -> String?) -> [UInt8] {
        guard number != 0 else { return [] }
        if let known = encoded[number] { return known }
        guard let name = name(number) else { return [] }
        let field = ChannelFields.encode(name)
        encoded[number] = field
        return field
    }

    static func encode(_ displayName: String) -> [UInt8] {
        var buffer = FieldBuffer()
        buffer.append(field: self.displayName, byteCount: displayName.utf8.count)
        return buffer.withBytes { head in (0..<head.count).map { head[$0] } } + Array(displayName.utf8)
    }
}

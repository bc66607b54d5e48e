/// What a server says on a connection that it does not serve: an empty SETTINGS frame, with which every server begins,
/// and GOAWAY (RFC 9113 sections 3.4, 6.5, 6.8).
package enum RefusalFrames {
    /// - Parameter reason: For people, as GOAWAY's debug data.
    package static func bytes(_ code: ErrorCode, _ reason: StaticString) -> [UInt8] {
        let debug = [UInt8]("\(reason)".utf8)
        var bytes = settings
        bytes += header(length: 8 + debug.count, type: 7)
        bytes += [0, 0, 0, 0]  // No stream was looked at.
        for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: code.rawValue >> shift)) }
        return bytes + debug
    }

    /// SETTINGS that set nothing.
    static let settings = header(length: 0, type: 4)

    /// Without flags, on the connection itself (section 4.1).
    private static func header(length: Int, type: UInt8) -> [UInt8] {
        [UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255), type, 0, 0, 0, 0, 0]
    }
}

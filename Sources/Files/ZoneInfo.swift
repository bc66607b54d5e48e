#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// The system's time zone files (TZif, RFC 9636).
package enum ZoneInfo {
    private static let directory = "/usr/share/zoneinfo"

    /// The bytes of the zone's file.
    ///
    /// - Parameter name: an IANA name such as "Asia/Shanghai". Names with "..", a leading slash or other characters
    ///   than those that zone names have are refused as `.badPath`, since they may come from a peer.
    package static func read(_ name: String) throws(FileError) -> [UInt8] {
        let path = directory + "/" + name
        guard isZoneName(name) else { throw FileError(.open, path, code: 0) }
        return try FileSystem.read(path, limit: 1 << 20)
    }

    /// Whether the text may be a zone's name: parts of letters, digits, "+", "-" and "_", joined by slashes.
    package static func isZoneName(_ name: String) -> Bool {
        guard (1...64).contains(name.utf8.count) else { return false }
        return name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty
                && part.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
        }
    }

    /// The name of the zone that this system is set to; `nil` when it does not tell.
    package static func systemZoneName() -> String? {
        if let name = ProcessEnvironment.value(of: "TZ") {
            let bare = name.hasPrefix(":") ? String(name.dropFirst()) : name
            if isZoneName(bare) { return bare }
        }
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = unsafe readlink("/etc/localtime", &buffer, buffer.count)  // Writes at most its count, and no NUL.
        guard count > 0 else { return nil }
        let target = String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let range = target.firstRange(of: "zoneinfo/") else { return nil }
        let name = String(target[range.upperBound...])
        return isZoneName(name) ? name : nil
    }
}

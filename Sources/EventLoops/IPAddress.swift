internal import Glibc

/// An IPv4 address: 4 bytes.
package struct IPv4Address: Hashable, Sendable, CustomStringConvertible {
    /// In network order when written to memory; 127.0.0.1 is 0x7F000001.
    package let rawValue: UInt32

    package static let loopback = Self(rawValue: 0x7F00_0001)

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Of 127.0.0.0/8 (RFC 1122, section 3.2.1.3).
    package var isLoopback: Bool { rawValue >> 24 == 127 }

    /// Reads four decimal numbers with points between (inet_pton(3)).
    package init?(_ text: String) {
        var address = in_addr()
        guard unsafe inet_pton(AF_INET, text, &address) == 1 else { return nil }
        rawValue = UInt32(bigEndian: address.s_addr)
    }

    package var description: String {
        "\(rawValue >> 24).\(rawValue >> 16 & 255).\(rawValue >> 8 & 255).\(rawValue & 255)"
    }
}

/// An IPv6 address: 16 bytes, and the number of the interface for link-local ones.
package struct IPv6Address: Hashable, Sendable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64
    package let scope: UInt32

    package static let loopback = Self(high: 0, low: 1, scope: 0)

    package init(high: UInt64, low: UInt64, scope: UInt32) {
        self.high = high
        self.low = low
        self.scope = scope
    }

    /// Reads the text form of RFC 4291, section 2.2 (inet_pton(3)); without a zone.
    package init?(_ text: String) {
        var address = in6_addr()
        guard unsafe inet_pton(AF_INET6, text, &address) == 1 else { return nil }
        self.init(address, scope: 0)
    }

    /// The IPv4 address that is written as an IPv6 one: "::ffff:127.0.0.1" (RFC 4291, section 2.5.5.2).
    package var mappedIPv4: IPv4Address? {
        guard high == 0, low >> 32 == 0xFFFF else { return nil }
        return IPv4Address(rawValue: UInt32(truncatingIfNeeded: low))
    }

    init(_ address: in6_addr, scope: UInt32) {
        // An in6_addr is 16 plain bytes.
        let words = unsafe unsafeBitCast(address, to: (UInt64, UInt64).self)
        self.init(high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1), scope: scope)
    }

    var systemValue: in6_addr { unsafe unsafeBitCast((high.bigEndian, low.bigEndian), to: in6_addr.self) }

    package var description: String {
        var address = systemValue
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        // The longest form with its NUL has INET6_ADDRSTRLEN bytes.
        _ = unsafe inet_ntop(AF_INET6, &address, &text, socklen_t(INET6_ADDRSTRLEN))
        let plain = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return scope == 0 ? plain : "\(plain)%\(scope)"
    }
}

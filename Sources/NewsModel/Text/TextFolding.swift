// Canonical composition is in the standard library, which does not export it yet; the alternative is a copy of its
// tables or Foundation.
@_spi(_Unicode) internal import Swift

/// Texts that mean the same, made the same.
package enum TextFolding {
    /// NFC (UAX #15), with each run of white space narrowed to one space and none at the ends.
    ///
    /// Ids of imported articles come from it, so what it gives must not change.
    package static func folded(_ text: String) -> String {
        if isFolded(text) { return text }
        var folded: [UInt8] = []
        var pendingSpace = false
        for scalar in text._nfc {
            if scalar.isWhiteSpace {
                pendingSpace = true
            } else {
                if pendingSpace, !folded.isEmpty { folded.append(UInt8(ascii: " ")) }
                pendingSpace = false
                folded.append(scalar)
            }
        }
        return String(decoding: folded, as: UTF8.self)
    }

    /// Whether a text certainly is what `folded` makes of it, as most titles are. Composing takes thirty times as long.
    private static func isFolded(_ text: String) -> Bool {
        var isAfterSpace = true
        for scalar in text.unicodeScalars {
            let isSpace = scalar == " "
            guard scalar.isSettled || isSpace && !isAfterSpace else { return false }
            isAfterSpace = isSpace
        }
        return !isAfterSpace || text.isEmpty
    }
}

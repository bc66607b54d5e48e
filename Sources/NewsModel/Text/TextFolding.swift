// Canonical composition is in the standard library, which does not export it yet; the alternative is a copy of its
// tables or Foundation.
@_spi(_Unicode) internal import Swift

/// Texts that mean the same, made the same.
package enum TextFolding {
    /// NFC (UAX #15), with each run of white space narrowed to one space and none at the ends.
    ///
    /// Ids of imported articles come from it, so what it gives must not change.
    package static func folded(_ text: String) -> String {
        var folded = ""
        var pendingSpace = false
        for scalar in text._nfc {
            if scalar.properties.isWhitespace {
                pendingSpace = true
            } else {
                if pendingSpace, !folded.isEmpty { folded.unicodeScalars.append(" ") }
                pendingSpace = false
                folded.unicodeScalars.append(scalar)
            }
        }
        return folded
    }
}

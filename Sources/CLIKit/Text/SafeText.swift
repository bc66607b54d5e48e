/// Text that a terminal will show and not obey.
///
/// What comes from a server may hold escape sequences, and characters that reorder the line around them.
package enum SafeText {
    /// The text on one line: line breaks and tabs become spaces.
    package static func line(_ text: String, _ symbols: Symbols = .unicode) -> String {
        cleaned(text) {
            $0 == "\n" || $0 == "\t" || $0 == "\r" || $0 == "\u{2028}" || $0 == "\u{2029}"
                ? " " : symbols.picture(of: $0)
        }
    }

    /// The text with its line breaks and tabs.
    package static func block(_ text: String, _ symbols: Symbols = .unicode) -> String {
        cleaned(text) { $0 == "\n" || $0 == "\t" ? String($0) : symbols.picture(of: $0) }
    }

    private static func cleaned(_ text: String, _ replacement: (Unicode.Scalar) -> String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            if isControl(scalar) { result += replacement(scalar) } else { result.unicodeScalars.append(scalar) }
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: true
        case 0x202A...0x202E, 0x2066...0x2069: true  // Bidirectional embeddings, overrides and isolates.
        default: false
        }
    }
}

/// The few characters beyond ASCII that the program itself prints.
package struct Symbols: Sendable, Hashable {
    package var ellipsis: String
    package var dot: String
    private var showsPictures: Bool

    package static let unicode = Symbols(ellipsis: "…", dot: "·", showsPictures: true)
    package static let ascii = Symbols(ellipsis: "...", dot: "|", showsPictures: false)

    private init(ellipsis: String, dot: String, showsPictures: Bool) {
        self.ellipsis = ellipsis
        self.dot = dot
        self.showsPictures = showsPictures
    }

    /// ASCII unless the locale says UTF-8 (POSIX, "Environment Variables": LC_ALL, then LC_CTYPE, then LANG).
    init(environment: Environment) {
        let name = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first ?? ""
        let folded = name.lowercased()
        self = folded.contains("utf-8") || folded.contains("utf8") ? .unicode : .ascii
    }

    /// What is shown in place of a control character: U+2400 and following, or "?".
    func picture(of control: Unicode.Scalar) -> String {
        guard showsPictures else { return "?" }
        switch control.value {
        case 0..<0x20: return Unicode.Scalar(0x2400 + control.value).map { String($0) } ?? "?"
        case 0x7F: return "\u{2421}"
        default: return "\u{FFFD}"
        }
    }
}

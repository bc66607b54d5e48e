/// Colour and weight on a terminal (ECMA-48 8.3.117), or nothing at all.
struct Paint: Sendable {
    var isOn: Bool

    func bold(_ text: String) -> String { painted(text, 1) }
    func faint(_ text: String) -> String { painted(text, 2) }
    func red(_ text: String) -> String { painted(text, 31) }

    private func painted(_ text: String, _ code: Int) -> String {
        isOn && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

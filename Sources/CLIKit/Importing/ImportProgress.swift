internal import NewsModel

/// A bar on the standard error, if that is a terminal.
struct ImportProgress: Sendable {
    /// Shorter than this apart, two pictures of the bar look like one.
    private static let interval: Int64 = 100_000_000
    private static let barColumns = 30

    private let isShown: Bool
    /// Bytes of all files; `nil` when one of them does not tell.
    private let total: Int?
    private let now: @Sendable () -> Int64
    private var done = 0
    private var lastShown: Int64?
    private var isOnScreen = false

    init(isShown: Bool, total: Int?, now: @escaping @Sendable () -> Int64) {
        self.isShown = isShown
        self.total = total
        self.now = now
    }

    /// Notes what was answered, and draws when the last picture is old enough.
    mutating func update(items: Int, bytes: Int, _ tally: ImportTally, _ console: Console) throws {
        done += bytes
        guard isShown else { return }
        let time = now()
        if let lastShown, time - lastShown < Self.interval { return }
        lastShown = time
        isOnScreen = true
        try console.errors.write(Array("\r\u{1B}[K\(bar)\(CountText.text(tally.total, "article"))".utf8))
    }

    /// Takes the bar away, so that a line can be written.
    mutating func clear(_ console: Console) throws {
        guard isOnScreen else { return }
        isOnScreen = false
        try console.errors.write(Array("\r\u{1B}[K".utf8))
    }

    private var bar: String {
        guard let total, total > 0 else { return "" }
        let share = min(done, total)
        let filled = Self.barColumns * share / total
        let picture = String(repeating: "=", count: filled) + String(repeating: " ", count: Self.barColumns - filled)
        return "[\(picture)] \(100 * share / total) %  "
    }
}

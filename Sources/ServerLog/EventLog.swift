internal import Logging
internal import Threads

/// The log of a server: one line for each event, away from the path of calls.
///
///     log.note(.info, "draining", ["calls": "12"])
///     log.note(.warning, "handshake failed", from: transport.peer, ["reason": "no common cipher"])
///
/// A peer can cause the second kind as often as it likes, so it is held back by kind and address, see `EventThrottle`.
/// Any thread may write. Nothing secret belongs into a field: no token, no message, no key.
package struct EventLog: Sendable {
    private let logger: Logger
    private let lines: LineQueue?
    private let throttle: EventThrottle

    /// - Parameters:
    ///   - level: events below it are left out.
    ///   - lines: where the lines go.
    ///   - time: of day, in microseconds since 1970.
    package init(
        level: LogLevel, format: LogFormat, lines: LineQueue, throttle: EventThrottle = EventThrottle(),
        time: @escaping @Sendable () -> Int64 = { WallClock.now }
    ) {
        var logger = Logger(label: "newsrpc") { _ in LineHandler(format: format, lines: lines, time: time) }
        logger.logLevel = level.level
        self.logger = logger
        self.lines = lines
        self.throttle = throttle
    }

    /// Keeps nothing: for a server within another program.
    package init() {
        logger = Logger(label: "newsrpc") { _ in SwiftLogNoOpLogHandler() }
        lines = nil
        throttle = EventThrottle(capacity: 1)
    }

    /// Something that happened, in a few words, and what there is to know about it.
    package func note(_ level: LogLevel, _ event: String, _ fields: KeyValuePairs<String, String> = [:]) {
        logger.log(level: level.level, "\(event)", metadata: Self.metadata(fields))
    }

    /// Something that a peer caused: one line a minute for each kind and address.
    ///
    /// - Parameter peer: "192.0.2.7:53210", "[2001:db8::1]:53210" or "unix:"; the port does not count.
    package func note(
        _ level: LogLevel, _ event: String, from peer: String, _ fields: KeyValuePairs<String, String> = [:]
    ) {
        var metadata = Self.metadata(fields)
        metadata["peer"] = "\(peer)"
        note(level, event, throttledBy: Self.address(of: peer), metadata)
    }

    /// Something that can happen again and again to the same thing, such as a shard on a full disk: one line a minute
    /// for each kind and thing.
    package func note(
        _ level: LogLevel, _ event: String, about thing: String, _ fields: KeyValuePairs<String, String> = [:]
    ) {
        note(level, event, throttledBy: thing, Self.metadata(fields))
    }

    private func note(_ level: LogLevel, _ event: String, throttledBy key: String, _ metadata: Logger.Metadata) {
        guard level.level >= logger.logLevel,
            let heldBackCount = throttle.admit(event, from: key, now: MonotonicClock.now)
        else { return }
        var metadata = metadata
        if heldBackCount > 0 { metadata["held-back"] = "\(heldBackCount)" }
        logger.log(level: level.level, "\(event)", metadata: metadata)
    }

    /// Waits until what was noted is written, a second at most.
    package func flush() { lines?.flush() }

    private static func metadata(_ fields: KeyValuePairs<String, String>) -> Logger.Metadata {
        Logger.Metadata(fields.map { ($0.key, .string($0.value)) }) { _, last in last }
    }

    private static func address(of peer: String) -> String {
        guard peer.hasSuffix("]") == false, let colon = peer.lastIndex(of: ":") else { return peer }
        return String(peer[..<colon])
    }
}

/// Makes a line of each event. Fields are in the order of their names.
private struct LineHandler: LogHandler {
    let format: LogFormat
    let lines: LineQueue
    let time: @Sendable () -> Int64
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { _, last in last } }
        if let given = event.metadata { fields.merge(given) { _, last in last } }
        if let error = event.error { fields["error"] = "\(error)" }
        let sorted = fields.sorted { $0.key < $1.key }.map { (name: $0.key, value: "\($0.value)") }
        lines.append(format.line(event.level, "\(event.message)", sorted, time: time()))
    }
}

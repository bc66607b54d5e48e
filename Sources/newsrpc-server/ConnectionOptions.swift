import ArgumentParser
import NewsModel
import NewsServer

/// How long connections and calls may last, and how the server ends them.
struct ConnectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "On SIGTERM: time in which health says NOT_SERVING while calls are still taken.", valueName: "time"))
    var drainDelay = DurationOption(.zero)

    @Option(help: ArgumentHelp("After that: time that running calls have to finish.", valueName: "time"))
    var drainGrace = DurationOption(.seconds(20))

    @Option(help: ArgumentHelp("A peer that says nothing for so long is pinged.", valueName: "time"))
    var keepaliveTime = DurationOption(.seconds(7200))

    @Option(help: ArgumentHelp("A peer that does not answer for so long is given up.", valueName: "time"))
    var keepaliveTimeout = DurationOption(.seconds(20))

    @Option(
        help: ArgumentHelp("Clients may ping as often while a call runs, and every 2h without.", valueName: "time"))
    var pingIntervalMin = DurationOption(.seconds(300))

    @Flag(help: "Clients may ping as often without calls, too.")
    var permitIdlePings = false

    @Option(help: ArgumentHelp("A connection without calls for so long is told to go.", valueName: "time"))
    var connectionIdleMax = DurationOption(.seconds(7200))

    @Option(
        help: ArgumentHelp("A connection as old (give or take a tenth) is told to go.", valueName: "time"))
    var connectionAgeMax: DurationOption?

    @Option(
        help: ArgumentHelp("Time that its calls have then; as long as they take when left out.", valueName: "time"))
    var connectionAgeGrace: DurationOption?

    @Option(help: ArgumentHelp("Longest time for any call, whatever its deadline.", valueName: "time"))
    var callDurationMax: DurationOption?

    @Option(
        help: ArgumentHelp(
            "A peer that takes none of the replies that wait for it for so long loses them.", valueName: "time"))
    var windowStallTimeout = DurationOption(.seconds(300))

    @Option(
        help: ArgumentHelp(
            "Replies that the peers of one loop may leave unread; beyond it whoever holds most is cut off.",
            valueName: "bytes"))
    var unreadRepliesMax = ByteCount(LoopMemoryLimits().unreadReplyBytesMax)

    @Option(
        help: ArgumentHelp(
            "Requests that one loop may have in memory; beyond it those of whoever has most are refused.",
            valueName: "bytes"))
    var requestsInMemoryMax = ByteCount(LoopMemoryLimits().requestBytesMax)

    @Option(
        help: ArgumentHelp(
            """
            Captures that all imports may have in memory, or eight times as much of articles; a third less while \
            others write. Beyond it they take turns.
            """,
            valueName: "bytes"))
    var importsInMemoryMax = ByteCount(2 << 20)

    func apply(to configuration: inout StoreServer.Configuration) {
        apply(to: &configuration.settings)
        configuration.importBytesMax = importsInMemoryMax.value
    }

    private func apply(to settings: inout ServerSettings) {
        settings.drainDelay = drainDelay.duration
        settings.drainGrace = drainGrace.duration
        settings.care.keepaliveTime = keepaliveTime.duration
        settings.care.keepaliveTimeout = keepaliveTimeout.duration
        settings.care.pingIntervalMin = pingIntervalMin.duration
        settings.care.permitsPingsWithoutCalls = permitIdlePings
        settings.care.idleMax = connectionIdleMax.duration
        settings.care.ageMax = connectionAgeMax?.duration
        settings.care.ageGrace = connectionAgeGrace?.duration
        settings.callDurationMax = callDurationMax?.duration
        settings.care.windowStallTimeout = windowStallTimeout.duration
        settings.memory.unreadReplyBytesMax = unreadRepliesMax.value
        settings.memory.requestBytesMax = requestsInMemoryMax.value
    }

    /// A loop that has less room than one large message would refuse what it has to take.
    private static let leastByteCount = 8 << 20

    func validate() throws {
        let times = [
            keepaliveTime, keepaliveTimeout, connectionIdleMax, connectionAgeMax, callDurationMax, windowStallTimeout,
        ]
        if times.contains(where: { $0.map { $0.duration <= .zero } ?? false }) {
            throw ValidationError("times must be more than nothing")
        }
        for (name, size) in [
            ("--unread-replies-max", unreadRepliesMax), ("--requests-in-memory-max", requestsInMemoryMax),
        ] where size.value < Self.leastByteCount {
            throw ValidationError("\(name) \(size): must be \(ByteCount(Self.leastByteCount)) or more")
        }
    }
}

/// A time such as 250ms, 30s, 2m, 1.5h or 7d.
struct DurationOption: ExpressibleByArgument, CustomStringConvertible {
    let duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
        guard let duration = DurationText.parse(argument) else { return nil }
        self.duration = duration
    }

    /// As it is typed, in the largest unit that leaves no fraction.
    var description: String {
        let (seconds, attoseconds) = duration.components
        guard attoseconds == 0 else { return "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)ms" }
        if seconds > 0, seconds % 86_400 == 0 { return "\(seconds / 86_400)d" }
        if seconds > 0, seconds % 3600 == 0 { return "\(seconds / 3600)h" }
        return seconds > 0 && seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
    }

    var defaultValueDescription: String { description }
}

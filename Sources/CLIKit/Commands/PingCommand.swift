internal import ArgumentParser
internal import NewsClient
internal import NewsMessages
internal import ProtoJSON

struct PingCommand: NewsCommand {
    static let formats = Report.formats
    static let configuration = CommandConfiguration(
        commandName: "ping",
        abstract: "Measure how long the server takes to answer.",
        usage: "newsrpc-cli ping [<options>]",
        discussion: discussion(
            "The first answer includes the time to connect. Ends with 1 when the server is not serving.",
            examples: ["ping", "ping --count 10 --interval 200ms -o json"]))

    @Option(help: .init("How often to ask.", valueName: "count"))
    var count: Int = 1

    @Option(help: .init("Time between two questions; default 1s.", valueName: "time"))
    var interval: DurationArgument?

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if count < 1 || count > 1_000_000 { throw ValidationError("--count must be 1 to 1000000") }
    }

    func run(_ session: Session) async throws -> Termination {
        let channel = try session.channel()
        let now = session.surroundings.monotonicNow
        var times: [Int64] = []
        var status = HealthCheckResponse.ServingStatus.unknown
        for place in 0..<count where !Task.isCancelled {
            if place > 0 { await session.surroundings.pause(interval?.duration ?? .seconds(1)) }
            let start = now()
            do {
                status = try await channel.healthCheck(HealthCheckRequest(), options: session.options()).status
            } catch {
                if Task.isCancelled, !times.isEmpty { break }
                throw error
            }
            times.append(now() - start)
            try session.console.detail("\(place + 1): \(status.text) in \(milliseconds(times[place])) ms")
        }
        try report(times, status, session).print(on: session.console)
        return status == .serving ? .success : .failure
    }

    private func report(_ times: [Int64], _ status: HealthCheckResponse.ServingStatus, _ session: Session) -> Report {
        let sorted = times.sorted()
        let sum = sorted.reduce(0, +)
        let average = sorted.isEmpty ? 0 : sum / Int64(sorted.count)
        // The smallest time that 99 of 100 are not above.
        let p99 = sorted.isEmpty ? 0 : sorted[(sorted.count * 99 + 99) / 100 - 1]
        let rtt = [sorted.first ?? 0, average, p99].map(milliseconds)
        let spread = "\(times.count) answers, rtt min \(rtt[0]) avg \(rtt[1]) p99 \(rtt[2]) ms"
        let text = "\(session.server): \(status.text)" + (times.count == 1 ? " in \(rtt[0]) ms" : ", \(spread)")
        let numbers = rtt.map { JSONNode(.number($0)) }
        return Report(
            keys: ["server", "status", "count", "rttMinMs", "rttAvgMs", "rttP99Ms"],
            records: [[.string(session.server), .string(status.text), .number(times.count)] + numbers], text: [text])
    }

    /// Nanoseconds as milliseconds with three decimals.
    private func milliseconds(_ nanoseconds: Int64) -> String {
        let microseconds = nanoseconds / 1000
        let fraction = String(microseconds % 1000)
        return "\(microseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)"
    }
}

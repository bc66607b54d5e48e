internal import ArgumentParser
internal import NewsClient
internal import NewsMessages
internal import ProtoJSON

struct HealthCommand: NewsCommand {
    static let formats = Report.formats
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Ask the server which services it serves.",
        usage: "newsrpc-cli health [<service>] [<options>]",
        discussion: discussion(
            "Ends with 1 when what was asked for is not serving.",
            examples: ["health", "health news.v1.NewsService -o json"]))

    @Argument(help: .init("Service to ask for; else the server and all of them.", valueName: "service"))
    var service: String?

    @OptionGroup var global: GlobalOptions

    func run(_ session: Session) async throws -> Termination {
        let channel = try session.channel()
        let statuses: [(service: String, status: HealthCheckResponse.ServingStatus)]
        if let service {
            statuses = [(service, try await check(service, channel, session))]
        } else {
            statuses = try await all(channel, session)
        }
        let width = statuses.map { session.console.width.columns(of: title($0.service)) }.max() ?? 0
        let report = Report(
            keys: ["service", "status"], records: statuses.map { [.string($0.service), .string($0.status.text)] },
            text: statuses.map { session.console.width.padded(title($0.service), to: width) + "  " + $0.status.text },
            isList: service == nil)
        try report.print(on: session.console)
        return statuses.first?.status == .serving ? .success : .failure
    }

    /// The server as a whole is the service without a name.
    private func title(_ service: String) -> String { service.isEmpty ? "server" : service }

    private func check(
        _ service: String, _ channel: any CallChannel, _ session: Session
    ) async throws -> HealthCheckResponse.ServingStatus {
        var request = HealthCheckRequest()
        request.service = service
        return try await channel.healthCheck(request, options: session.options()).status
    }

    /// Servers older than the method List are asked for themselves alone.
    private func all(
        _ channel: any CallChannel, _ session: Session
    ) async throws -> [(service: String, status: HealthCheckResponse.ServingStatus)] {
        do {
            let answer = try await channel.healthList(HealthListRequest(), options: session.options())
            return answer.statuses.map { ($0.key, $0.value.status) }.sorted { $0.0 < $1.0 }
        } catch {
            guard error.code == .unimplemented else { throw error }
            return [("", try await check("", channel, session))]
        }
    }
}

extension HealthCheckResponse.ServingStatus {
    /// The name in the contract, or the number of a status that this program does not know.
    var text: String {
        switch self {
        case .unknown: "UNKNOWN"
        case .serving: "SERVING"
        case .notServing: "NOT_SERVING"
        case .serviceUnknown: "SERVICE_UNKNOWN"
        default: String(rawValue)
        }
    }
}

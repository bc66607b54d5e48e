import CLIKit
import NewsClient
import NewsModel
import Synchronization

/// Runs the program once, in surroundings that a test chooses.
struct CLIRun {
    var server = FakeServer()
    var input = ""
    var files: [String: String] = [:]
    var environment = ["LANG": "C.UTF-8"]
    /// Columns of the terminal that the output is; `nil`: a pipe.
    var terminal: Int?
    var errorsAreTerminal = false
    var outputCapacity = Int.max
    var connectionError: RPCError?
    /// What the connection says of itself to whoever wants to hear it.
    var connectionLog: String?
    /// Where the program has called.
    let places = PlaceList()
    /// Nanoseconds that each look at the clock lets pass.
    var clockStep: Int64 = 1_500_000
    var interrupt: @Sendable (@escaping @Sendable (Termination) -> Void) -> Void = { _ in }

    /// Files whose content a test wants to see afterwards.
    let watchedFiles = WatchedFiles()

    struct Outcome: Equatable {
        var output: String
        var errors: String
        var code: Int32
    }

    static let shanghai = ZoneRules(name: "Asia/Shanghai", secondsEast: 8 * 3600)

    func callAsFunction(_ arguments: String...) async -> Outcome { await run(arguments) }

    func run(_ arguments: [String]) async -> Outcome {
        let output = MemorySink(isTerminal: terminal != nil, columns: terminal, capacity: outputCapacity)
        let errors = MemorySink(isTerminal: errorsAreTerminal, columns: 80)
        let clock = SteppingClock(step: clockStep)
        let files = MemoryFiles(contents: files.mapValues { Array($0.utf8) })
        let surroundings = Surroundings(
            input: MemorySource(Array(input.utf8)), output: output, errors: errors,
            files: files,
            environment: { [environment] in environment[$0] },
            zone: { $0 == "Asia/Shanghai" ? Self.shanghai : nil }, localZone: .utc,
            monotonicNow: { clock.now },
            pause: { _ in },
            connect: { [server, connectionError, connectionLog, places] place throws(RPCError) in
                if let connectionLog { place.log?(connectionLog) }
                places.append(place)
                if let connectionError { throw connectionError }
                return ServerConnection(channel: server) { server.close() }
            },
            onInterrupt: interrupt)
        let status = await Program.run(arguments, in: surroundings)
        for name in watchedFiles.names { watchedFiles.note(name, files.text(name)) }
        return Outcome(output: output.text, errors: errors.text, code: status.code)
    }
}

/// Servers that were called.
final class PlaceList: Sendable {
    private let places = Mutex<[ServerPlace]>([])

    var addresses: [String] { places.withLock { $0.map(\.address) } }
    var last: ServerPlace? { places.withLock { $0.last } }

    func append(_ place: ServerPlace) { places.withLock { $0.append(place) } }
}

/// A clock that goes on by the same step whenever it is read.
private final class SteppingClock: Sendable {
    private let step: Int64
    private let time = Atomic<Int64>(0)

    init(step: Int64) { self.step = step }

    var now: Int64 { time.add(step, ordering: .relaxed).newValue }
}

/// What files hold when a run is over.
final class WatchedFiles: Sendable {
    private let texts = Mutex<[String: String?]>([:])

    var names: [String] { texts.withLock { Array($0.keys) } }
    subscript(_ name: String) -> String? { texts.withLock { $0[name] ?? nil } }

    func watch(_ name: String) { texts.withLock { $0[name] = .some(nil) } }
    func note(_ name: String, _ text: String?) { texts.withLock { $0[name] = .some(text) } }
}

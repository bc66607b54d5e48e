import Access
import GRPCWire
import NewsClient
import NewsModel
import NewsServer
import Synchronization

/// What tests of callers share: the needs of the echo methods, entries, a clock and a log.
enum AccessKit {
    static let needs: [MethodNeed] = Echo.allCases.map { echo in
        switch echo {
        case .fail: .open
        case .chat, .mirror, .ignore: .scope(.articlesWrite)
        default: .scope(.articlesRead)
        }
    }

    static func configuration(_ entries: [AccessEntry]? = nil) -> AccessControl.Configuration {
        var configuration = AccessControl.Configuration(needs: needs, status: status)
        configuration.table = entries.map { AccessTable($0) }
        return configuration
    }

    /// Says the refusal itself.
    @Sendable static func status(_ refusal: AccessRefusal) -> Status {
        switch refusal {
        case .tokenMissing, .tokenUnknown, .tokenExpired: Status(.unauthenticated, "\(refusal)")
        case .scopeMissing, .certificateUnknown: Status(.permissionDenied, "\(refusal)")
        case .tooFast, .tooManyCalls, .tooManyBytes: Status(.resourceExhausted, "\(refusal)")
        }
    }

    static func entry(_ name: String, _ scopes: Scope..., expires: Instant? = nil) -> AccessEntry {
        AccessEntry(
            name: name, credential: .token(TokenHash(of: "token-of-\(name)")), scopes: ScopeSet(scopes),
            created: .epoch, expires: expires)
    }

    static func options(_ value: String...) -> CallOptions {
        // Other tests may keep this one waiting for a while.
        CallOptions(timeout: .seconds(600), metadata: value.map { MetadataField("authorization", $0) })
    }
}

extension EchoSetup {
    /// Calls with the token of an entry that `AccessKit.entry` made.
    func call(_ echo: Echo, _ message: [UInt8], as name: String) async throws(RPCError) -> [UInt8] {
        try await client.unary(echo.method, message: message, options: AccessKit.options("Bearer token-of-\(name)"))
    }
}

/// A clock that only a test moves, in nanoseconds.
final class HandClock: Sendable {
    private let time = Atomic<Int64>(1_000_000_000)

    var now: Int64 { time.load(ordering: .relaxed) }
    func advance(_ nanoseconds: Int64) { time.add(nanoseconds, ordering: .relaxed) }
}

/// Lines for the server's log.
final class LineLog: Sendable {
    private let kept = Mutex<[String]>([])

    var lines: [String] { kept.withLock { $0 } }
    func add(_ line: String) { kept.withLock { $0.append(line) } }
}

/// What the program ends with. Scripts rely on these numbers.
package enum Termination: Hashable, Sendable {
    /// Done; also when a list is empty.
    case success
    /// A local reason: a file, a format, an answer that cannot be read; a service that is not serving.
    case failure
    /// The command line is wrong.
    case usage
    /// Some of several items failed.
    case partial
    /// The server was not reached; the call never left.
    case noServer
    /// The call ended with this gRPC status.
    case status(Int)
    /// SIGINT.
    case interrupted
    /// The reader of the output went away.
    case brokenPipe
    /// SIGTERM.
    case terminated

    package var code: Int32 {
        switch self {
        case .success: 0
        case .failure: 1
        case .usage: 2
        case .partial: 3
        case .noServer: 5
        case .status(let code): 64 + Int32(clamping: min(max(code, 1), 60))
        case .interrupted: 130
        case .brokenPipe: 141
        case .terminated: 143
        }
    }
}

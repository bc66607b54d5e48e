internal import ArgumentParser
internal import Files
internal import NewsClient
internal import NewsMessages
internal import ProtoJSON

/// Says what went wrong, and with which status the program ends.
enum ErrorReport {
    /// For errors before a command runs: the parser's own, and options that do not go together.
    static func usage(_ error: any Error, _ arguments: [String], on sink: any ByteSink) -> Termination {
        if let error = error as? FileError { return error.reason == .brokenPipe ? .brokenPipe : .failure }
        let text: String
        if let error = error as? UsageError {
            text = "\(error.message)"
        } else {
            let message = RootCommand.fullMessage(for: error, columns: HelpCommand.columns)
            text = message.hasPrefix("Error: ") ? String(message.dropFirst("Error: ".count)) : message
        }
        try? sink.write(Array("\(Console.programName): \(text)\n".utf8))
        return .usage
    }

    /// For errors of a command that ran.
    static func report(_ error: any Error, _ session: Session) -> Termination {
        let console = session.console
        let status: Termination
        do {
            switch error {
            case let error as RPCError:
                try report(error, session)
                status = error.origin == .notConnected ? .noServer : .status(error.code.rawValue)
            case let error as FileError where error.reason == .brokenPipe: return .brokenPipe
            case let error as UsageError:
                try say(error.message, console)
                status = .usage
            case let error as FileError:
                try say(error.description, console)
                status = .failure
            case let error as LocalError:
                try say(error.message, console)
                status = .failure
            default:
                try say("\(error)", console)
                status = .failure
            }
        } catch {
            return .brokenPipe  // Nobody reads the errors; there is nothing left to tell them.
        }
        return status
    }

    private static func report(_ error: RPCError, _ session: Session) throws {
        let console = session.console
        guard console.format == .json || console.format == .jsonl else {
            try console.warn(error.description)
            return try detail(error, console)
        }
        try console.warn(node(of: error))
    }

    /// What the server says beyond the message: further fields at fault, and when to come back.
    private static func detail(_ error: RPCError, _ console: Console) throws {
        for violation in error.fieldViolations where violation.description != error.message {
            try console.remark("\(violation.field): \(violation.description)")
        }
        if let delay = error.retryDelay { try console.remark("try again in \(delay)") }
    }

    /// The google.rpc.Status as the server sent it, or one made of code and message.
    private static func node(of error: RPCError) -> JSONNode {
        if !error.details.isEmpty, let node = try? ArticleShape().node(ofStatus: error.details) { return node }
        return .object(["code": .number(error.code.rawValue), "message": .string(error.message)])
    }

    private static func say(_ message: String, _ console: Console) throws {
        guard console.format == .json || console.format == .jsonl else { return try console.warn(message) }
        try console.warn(.object(["message": .string(message)]))
    }
}

internal import ArgumentParser
internal import Synchronization
internal import Threads

/// The command line as a whole: arguments in, exit status out.
package enum Program {
    /// How long a command that was interrupted may take to end neatly.
    private static let gracePeriod = Duration.seconds(2)

    /// Parses the arguments (without the program's name) and runs what they ask for.
    package static func run(_ arguments: [String], in surroundings: Surroundings) async -> Termination {
        let command: any NewsCommand
        let session: Session
        do {
            switch try parsed(arguments) {
            case .command(let parsed): command = parsed
            case .help(let text):
                try surroundings.output.write(Array((text + "\n").utf8))
                return .success
            }
            session = try Session(command.global, type(of: command), surroundings)
        } catch {
            return ErrorReport.usage(error, arguments, on: surroundings.errors)
        }
        return await interruptible(surroundings) {
            let ending: Termination
            do { ending = try await command.run(session) } catch {
                // Only a signal cancels; that the call it broke off has failed is no news.
                ending = Task.isCancelled ? .interrupted : ErrorReport.report(error, session)
            }
            await session.close()
            return ending
        }
    }

    /// Runs the program in its process and ends it. To be called by the main thread before there is any other.
    package static func main(_ arguments: [String]) -> Never {
        RootCommand.exit(withError: ExitCode(runToEnd(arguments, in: .ofProcess()).code))
    }

    /// Waits without `await`, by which the main thread would be given away to libdispatch: that opens it for every
    /// signal, and SIGINT would end the process in place of the command.
    private static func runToEnd(_ arguments: [String], in surroundings: Surroundings) -> Termination {
        let ending = Monitor<Termination?>(nil)
        Task {
            let result = await run(arguments, in: surroundings)
            ending.signal { $0 = result }
        }
        return ending.wait { $0 }
    }

    private enum Parsed {
        case command(any NewsCommand)
        case help(String)
    }

    private static func parsed(_ arguments: [String]) throws -> Parsed {
        do {
            var command = try RootCommand.parseAsRoot(ArgumentOrder.commandFirst(arguments))
            if let command = command as? any NewsCommand { return .command(command) }
            if let help = command as? HelpCommand { return .help(try help.page()) }
            try command.run()  // The parser's own: a group or a request for help, both of which throw their text.
            return .help("")
        } catch  where RootCommand.exitCode(for: error).isSuccess {
            return .help(RootCommand.fullMessage(for: error, columns: HelpCommand.columns))
        }
    }

    /// Runs `body`; at a signal cancels it and gives it a moment to print what there is.
    private static func interruptible(
        _ surroundings: Surroundings, _ body: @escaping @Sendable () async -> Termination
    ) async -> Termination {
        let outcome = Outcome()
        return await withCheckedContinuation { continuation in
            outcome.prepare(continuation)
            let task = Task { outcome.give(await body()) }
            surroundings.onInterrupt { status in
                outcome.interrupt(status)
                task.cancel()
                Task {
                    await surroundings.pause(gracePeriod)
                    outcome.give(status)
                }
            }
        }
    }
}

/// Resumes once, with what comes first; after a signal always with the signal's status.
private final class Outcome: Sendable {
    private struct State {
        var waiter: CheckedContinuation<Termination, Never>?
        var signal: Termination?
    }

    private let state = Mutex(State())

    func prepare(_ continuation: CheckedContinuation<Termination, Never>) {
        state.withLock { $0.waiter = continuation }
    }

    func interrupt(_ status: Termination) { state.withLock { $0.signal = $0.signal ?? status } }

    func give(_ status: Termination) {
        let (waiter, signal) = state.withLock { state in
            defer { state.waiter = nil }
            return (state.waiter, state.signal)
        }
        waiter?.resume(returning: signal ?? status)
    }
}

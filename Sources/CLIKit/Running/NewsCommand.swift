internal import ArgumentParser

/// A command that calls the server or prints what the program knows.
protocol NewsCommand: ParsableCommand, Sendable {
    /// What `-o` may ask for, the one for terminals first.
    static var formats: [OutputFormat] { get }
    /// The format when the output is no terminal and none is asked for.
    static var pipeFormat: OutputFormat { get }
    /// Which server is called when --server is not given: the variable that says so, and the one without it.
    static var server: (variable: String, fallback: String) { get }
    var global: GlobalOptions { get }
    func run(_ session: Session) async throws -> Termination
}

extension NewsCommand {
    static var pipeFormat: OutputFormat { formats[0] }
    static var server: (variable: String, fallback: String) { ("NEWSRPC_SERVER", Session.defaultServer) }
}

/// Lines of a help text, with its examples below.
func discussion(_ text: String = "", examples: [String]) -> String {
    (text.isEmpty ? "" : text + "\n\n") + "Examples:\n"
        + examples.map { "  \(Console.programName) \($0)" }.joined(separator: "\n")
}

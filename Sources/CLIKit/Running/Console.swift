internal import ProtoJSON

/// Where a command's words go: data to the output, everything said about it to the errors.
struct Console: Sendable {
    static let programName = "newsrpc-cli"

    let output: any ByteSink
    let errors: any ByteSink
    /// Name of the command, for messages.
    let command: String
    let format: OutputFormat
    let isQuiet: Bool
    let isVerbose: Bool
    let width: DisplayWidth
    let symbols: Symbols
    /// Columns that lines are cut or wrapped to; `nil`: neither.
    let columns: Int?
    let paint: Paint
    let errorPaint: Paint

    // MARK: Data

    func print(_ lines: [String]) throws {
        guard !lines.isEmpty else { return }
        try output.write(Array((lines.joined(separator: "\n") + "\n").utf8))
    }

    /// A line of JSON, or several with `-o json`.
    func print(_ node: JSONNode) throws {
        try output.write(JSONWriter.text(of: node, indent: format == .json ? 2 : nil) + [UInt8(ascii: "\n")])
    }

    /// Text from a server on one line: controls made visible on a terminal, left alone for other programs.
    func line(_ text: String) -> String { output.isTerminal ? SafeText.line(text, symbols) : text }

    func block(_ text: String) -> String { output.isTerminal ? SafeText.block(text, symbols) : text }

    // MARK: Talk

    /// Something that the user may like to know.
    func note(_ text: String) throws { if !isQuiet { try say(safe(text)) } }

    /// Something that only a curious user wants to know.
    func detail(_ text: String) throws { if isVerbose { try note(text) } }

    /// Something that went wrong.
    func warn(_ text: String) throws {
        try say("\(errorPaint.red("\(Self.programName): \(command):")) \(safe(text))")
    }

    /// One of several articles that were asked for is not there.
    func warn(missing name: String) throws { try warn("NOT_FOUND (ARTICLE_NOT_FOUND): no article \"\(name)\"") }

    /// More about what went wrong.
    func remark(_ text: String) throws { try say("  \(safe(text))") }

    /// Something that went wrong, for a program.
    func warn(_ node: JSONNode) throws {
        try errors.write(JSONWriter.text(of: node, indent: format == .json ? 2 : nil) + [UInt8(ascii: "\n")])
    }

    private func safe(_ text: String) -> String { errors.isTerminal ? SafeText.line(text, symbols) : text }

    private func say(_ text: String) throws { try errors.write(Array((text + "\n").utf8)) }
}

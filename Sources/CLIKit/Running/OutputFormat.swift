internal import ArgumentParser

/// How results are printed.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// Columns that line up.
    case table
    /// More columns.
    case wide
    /// For people, without columns.
    case text
    /// One JSON value.
    case json
    /// One JSON object on each line.
    case jsonl
    case csv
    case tsv
    /// Resource names, one on each line.
    case name
}

/// Errors that are the command line's fault.
struct UsageError: Error {
    var message: String
}

/// Errors with a local cause.
struct LocalError: Error {
    var message: String
}

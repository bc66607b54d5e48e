#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// The three streams of a program.
package enum StandardStream: Int32, Sendable {
    case input = 0, output, errors

    private var path: String {
        switch self {
        case .input: "standard input"
        case .output: "standard output"
        case .errors: "standard error"
        }
    }

    /// Writes all bytes. A reader that has gone away is `.brokenPipe`, never a signal, once `ignoreBrokenPipes` ran.
    package func write(_ bytes: Span<UInt8>) throws(FileError) { try writeAll(bytes, to: rawValue, path) }

    package func write(_ text: String) throws(FileError) { try writeAll(Array(text.utf8).span, to: rawValue, path) }

    /// Reads until the end, or until `limit` bytes are there.
    package func read(upTo limit: Int = .max) throws(FileError) -> [UInt8] {
        try readAll(from: rawValue, path, upTo: limit)
    }

    package var isTerminal: Bool { isatty(rawValue) == 1 }

    /// Columns of the terminal; `nil` when it is none or does not tell.
    package var terminalWidth: Int? {
        var size = winsize()
        // TIOCGWINSZ fills one winsize, which outlives the call.
        guard unsafe ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// Makes a write to a closed pipe an error of that write, in place of a signal that ends the process.
    package static func ignoreBrokenPipes() {
        _ = signal(SIGPIPE, SIG_IGN)
    }

    /// The same of a write beyond the size that files may have (RLIMIT_FSIZE): it fails with EFBIG.
    package static func ignoreFileSizeLimit() {
        _ = signal(SIGXFSZ, SIG_IGN)
    }
}

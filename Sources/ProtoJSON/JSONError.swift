/// Why a JSON text could not be taken: where, in which field, and what was expected there.
package struct JSONError: Error, Equatable, Sendable {
    /// Where it went wrong, in bytes from 0 of the text that was read.
    package var offset: Int
    /// The field at fault, such as `stats.viewCount` or `labels[3]`; empty: the text as a whole.
    package var path: String
    /// What was expected, and what stood there instead.
    package var problem: String

    package init(offset: Int, path: String = "", problem: String) {
        self.offset = offset
        self.path = path
        self.problem = problem
    }

    /// The problem, with the field in front of it if there is one.
    package var summary: String { path.isEmpty ? problem : "\(path): \(problem)" }

    /// Says where and what, as in `line 2, column 14: stats.viewCount: expected an integer, found "many"`.
    ///
    /// - Parameters:
    ///   - text: The text that was read.
    ///   - start: An offset that begins a line, at or before the error.
    ///   - firstLine: The number of the line that begins at `start`.
    package func description(in text: [UInt8], from start: Int = 0, firstLine: Int = 1) -> String {
        "\(TextPosition(of: offset, in: text, from: start, firstLine: firstLine)): \(summary)"
    }
}

/// A place in a text as editors count it.
package struct TextPosition: Equatable, Sendable, CustomStringConvertible {
    /// From 1.
    package var line: Int
    /// Code points from 1.
    package var column: Int

    /// Counts lines from `start`, which must begin line `firstLine`.
    package init(of offset: Int, in text: [UInt8], from start: Int = 0, firstLine: Int = 1) {
        line = firstLine
        column = 1
        var index = start
        while index < min(offset, text.count) {
            if text[index] == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if text[index] & 0xC0 != 0x80 {  // A continuation byte begins no code point.
                column += 1
            }
            index += 1
        }
    }

    package var description: String { "line \(line), column \(column)" }
}

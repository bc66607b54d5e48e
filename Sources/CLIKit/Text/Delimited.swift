/// One record on one line, for other programs.
package enum Delimited {
    /// Comma-separated (RFC 4180, with line feeds): quoted where a comma, a quote or a line break asks for it.
    package static func csv(_ fields: [String]) -> String {
        fields.map { field in
            let needsQuotes = field.utf8.contains { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
            return needsQuotes
                ? "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
                : field
        }.joined(separator: ",")
    }

    /// Tab-separated: a tab, line feed, carriage return or backslash in a field becomes \t, \n, \r, \\.
    package static func tsv(_ fields: [String]) -> String {
        fields.map { field in
            field.unicodeScalars.reduce(into: "") { result, scalar in
                switch scalar {
                case "\t": result += "\\t"
                case "\n": result += "\\n"
                case "\r": result += "\\r"
                case "\\": result += "\\\\"
                default: result.unicodeScalars.append(scalar)
                }
            }
        }.joined(separator: "\t")
    }
}

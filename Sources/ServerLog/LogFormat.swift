internal import Logging
internal import NewsModel
internal import ProtoJSON

/// How a line of the log looks.
package enum LogFormat: String, CaseIterable, Sendable {
    /// `2026-11-22T09:15:01.250125Z warning connection refused peer=192.0.2.7 reason="too many connections"`
    case text
    /// One object: `{"ts":"2026-11-22T09:15:01.250125Z","level":"warning","event":"connection refused","peer":...}`
    case json

    /// One event without a line break at its end. What came from a peer cannot break out of its field.
    ///
    /// - Parameter time: microseconds since 1970.
    func line(_ level: Logger.Level, _ event: String, _ fields: [(name: String, value: String)], time: Int64) -> String
    {
        let moment = RFC3339.text(Instant(microseconds: time))
        switch self {
        case .text:
            let head = "\(moment) \(level) \(Self.isPlain(event, allowing: " ") ? event : Self.quoted(event))"
            return fields.reduce(into: head) { line, field in
                line += " \(field.name)=\(Self.isPlain(field.value) ? field.value : Self.quoted(field.value))"
            }
        case .json:
            let head = [("ts", moment), ("level", "\(level)"), ("event", event)]
            let members = (head + fields).map { JSONMember($0.0, .string($0.1)) }
            return String(decoding: JSONWriter.text(of: JSONNode(.object(members))), as: UTF8.self)
        }
    }

    private static func quoted(_ text: String) -> String {
        String(decoding: JSONWriter.text(of: .string(text)), as: UTF8.self)
    }

    /// Whether a reader sees where the text ends without quotes.
    private static func isPlain(_ text: String, allowing extra: Unicode.Scalar? = nil) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy { scalar in
                scalar == extra
                    || (scalar > " " && scalar != "\"" && scalar != "=" && scalar != "\\"
                        && !("\u{7F}"..."\u{A0}").contains(scalar) && scalar != "\u{2028}" && scalar != "\u{2029}")
            }
    }
}

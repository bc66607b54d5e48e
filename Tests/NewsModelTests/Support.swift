import Foundation
import NewsModel
import Testing

/// The rules of a zone from the machine's own files.
func zone(_ name: String) throws -> ZoneRules {
    if name == "UTC" { return .utc }
    let bytes = try Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/\(name)"))
    return try ZoneRules(name: name, tzif: [UInt8](bytes))
}

func instant(_ text: String) throws -> Instant { try RFC3339.parse(text) }

func date(_ text: String) throws -> CivilDate { try #require(CivilDate(parsing: text)) }

/// A local time such as "2026-02-27T15:55".
func local(_ text: String) throws -> CivilDateTime {
    guard case .local(let local) = try TimeExpression(text) else {
        Issue.record("\(text) is no local time")
        return CivilDateTime(startOf: try date("1970-01-01"))
    }
    return local
}

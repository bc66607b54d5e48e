internal import NewsModel
internal import ProtoJSON

/// The token file: lines of JSON, one caller each.
///
///     {"name":"importer","sha256":"9f86…","scopes":["articles.write"],"created":"2026-03-01T08:00:00Z"}
///     {"name":"gateway","certificate":"spiffe://news/gateway","scopes":["articles.read"],
///      "created":"2026-03-01T08:00:00Z","expires":"2027-03-01T00:00:00Z","limits":{"callsPerSecond":100}}
///
/// (The second is one line in a file.) Empty lines and those that begin with "#" say nothing. A member that is not
/// known is an error: a misspelt "expires" would make a token that never ends.
package enum AccessFile {
    /// Most entries of a file: a look-up reads all of them.
    package static let entryCountMax = 10_000

    /// What is wrong with which line.
    package struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        package let line: Int
        package let problem: String
        package var description: String { "line \(line): \(problem)" }
    }

    package static func read(_ bytes: [UInt8]) throws(Fault) -> [AccessEntry] {
        var entries: [AccessEntry] = []
        var names: Set<String> = []
        var credentials: Set<String> = []
        for (index, range) in lineRanges(bytes).enumerated() where isEntry(bytes[range]) {
            let number = index + 1
            do throws(LineFault) {
                let (entry, credential) = try EntryReader.read(bytes, range)
                guard names.insert(entry.name).inserted else {
                    throw LineFault("the name \"\(entry.name)\" stands in an earlier line too")
                }
                guard credentials.insert(credential).inserted else {
                    throw LineFault("an earlier line has the same token or certificate")
                }
                entries.append(entry)
                guard entries.count <= entryCountMax else { throw LineFault("more than \(entryCountMax) entries") }
            } catch {
                throw Fault(line: number, problem: error.problem)
            }
        }
        return entries
    }

    /// The line of one entry, with its line feed.
    package static func line(_ entry: AccessEntry) -> [UInt8] {
        var members = [JSONMember("name", .string(entry.name))]
        switch entry.credential {
        case .token(let hash): members.append(JSONMember("sha256", .string(hash.hex)))
        case .certificate(let name): members.append(JSONMember("certificate", .string(name)))
        }
        members.append(JSONMember("scopes", .array(entry.scopes.scopes.map { .string($0.rawValue) })))
        members.append(JSONMember("created", .string(RFC3339.text(entry.created))))
        if let expires = entry.expires { members.append(JSONMember("expires", .string(RFC3339.text(expires)))) }
        let limits = EntryReader.limitKeys.compactMap { key, path in
            entry.limits[keyPath: path].map { JSONMember(key, .number($0)) }
        }
        if !limits.isEmpty { members.append(JSONMember("limits", JSONNode(.object(limits)))) }
        return JSONWriter.text(of: JSONNode(.object(members))) + [UInt8(ascii: "\n")]
    }

    /// The file with `entry` in its last line. The other lines stay as they are, to the byte.
    package static func appending(_ entry: AccessEntry, to bytes: [UInt8]) -> [UInt8] {
        let isOpen = bytes.last.map { $0 != UInt8(ascii: "\n") } ?? false
        return bytes + (isOpen ? [UInt8(ascii: "\n")] : []) + line(entry)
    }

    /// The file without the line of the entry called `name`. `nil`: there is none.
    package static func removing(_ name: String, from bytes: [UInt8]) throws(Fault) -> [UInt8]? {
        var rest: [UInt8] = []
        var isFound = false
        for (index, range) in lineRanges(bytes).enumerated() {
            if isEntry(bytes[range]) {
                do throws(LineFault) {
                    if try EntryReader.read(bytes, range).entry.name == name {
                        isFound = true
                        continue
                    }
                } catch {
                    throw Fault(line: index + 1, problem: error.problem)
                }
            }
            rest += bytes[range]
            if range.upperBound < bytes.count { rest.append(UInt8(ascii: "\n")) }
        }
        return isFound ? rest : nil
    }

    /// The lines without their line feeds.
    private static func lineRanges(_ bytes: [UInt8]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start = 0
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
            ranges.append(start..<index)
            start = index + 1
        }
        if start < bytes.count { ranges.append(start..<bytes.count) }
        return ranges
    }

    private static func isEntry(_ line: ArraySlice<UInt8>) -> Bool {
        let first = line.first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") && $0 != UInt8(ascii: "\r") }
        return first.map { $0 != UInt8(ascii: "#") } ?? false
    }
}

/// What is wrong with a line whose number somebody else knows.
struct LineFault: Error {
    let problem: String
    init(_ problem: String) { self.problem = problem }
}

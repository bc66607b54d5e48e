internal import NewsModel
internal import ProtoJSON

/// Reads one line of the token file.
struct EntryReader {
    static var limitKeys: [(String, WritableKeyPath<CallerLimits, Int?>)] {
        [
            ("callsPerSecond", \.callsPerSecond), ("callBurst", \.callBurst), ("callsInFlight", \.callsInFlight),
            ("bytesInFlight", \.bytesInFlight),
        ]
    }

    private static let keys = ["name", "sha256", "certificate", "scopes", "created", "expires", "limits"]

    private let node: JSONNode

    /// The entry, and its credential as a text that is the same only for the same credential.
    static func read(
        _ bytes: [UInt8], _ range: Range<Int>
    ) throws(LineFault) -> (entry: AccessEntry, credential: String) {
        let node: JSONNode
        do throws(JSONError) { node = try JSONReader.read(bytes, in: range) } catch { throw LineFault(error.summary) }
        guard case .object(let members) = node.content else {
            throw LineFault("expected an object, found \(node.kindName)")
        }
        if let unknown = members.first(where: { !keys.contains($0.key) }) {
            throw LineFault("unknown member \"\(unknown.key)\"")
        }
        return try EntryReader(node: node).entry()
    }

    private func entry() throws(LineFault) -> (AccessEntry, String) {
        let name = try text("name")
        guard AccessEntry.isName(name) else {
            throw LineFault("name: 1 to 63 letters, digits, \"-\", \"_\" and \".\"")
        }
        let (credential, id) = try credential()
        var entry = AccessEntry(
            name: name, credential: credential, scopes: try scopes(), created: try instant("created"),
            expires: node["expires"] == nil ? nil : try instant("expires"))
        entry.limits = try limits()
        return (entry, id)
    }

    private func credential() throws(LineFault) -> (AccessEntry.Credential, String) {
        guard node["certificate"] == nil || node["sha256"] == nil else {
            throw LineFault("sha256 and certificate: one of them, not both")
        }
        if node["certificate"] != nil {
            let name = try text("certificate")
            guard !name.isEmpty else { throw LineFault("certificate: a URI or a DNS name") }
            return (.certificate(name), "certificate \(name)")
        }
        guard node["sha256"] != nil else { throw LineFault("sha256 or certificate is missing") }
        guard let hash = TokenHash(hex: try text("sha256")) else {
            throw LineFault("sha256: 64 hexadecimal digits")
        }
        return (.token(hash), hash.hex)
    }

    private func scopes() throws(LineFault) -> ScopeSet {
        guard let value = node["scopes"] else { throw LineFault("scopes is missing") }
        guard case .array(let elements) = value.content else {
            throw LineFault("scopes: expected an array, found \(value.kindName)")
        }
        var scopes: ScopeSet = []
        for element in elements {
            guard case .string(let text) = element.content, let scope = Scope(rawValue: text) else {
                let known = Scope.allCases.map(\.rawValue).joined(separator: ", ")
                throw LineFault("scopes: each is one of \(known)")
            }
            scopes.formUnion(ScopeSet(scope))
        }
        return scopes
    }

    private func limits() throws(LineFault) -> CallerLimits {
        var limits = CallerLimits()
        guard let value = node["limits"] else { return limits }
        guard case .object(let members) = value.content else {
            throw LineFault("limits: expected an object, found \(value.kindName)")
        }
        for member in members {
            guard let path = Self.limitKeys.first(where: { $0.0 == member.key })?.1 else {
                throw LineFault("limits: unknown member \"\(member.key)\"")
            }
            guard case .number(let digits) = member.value.content, let number = Int(digits), number > 0 else {
                throw LineFault("limits.\(member.key): a whole number above 0")
            }
            limits[keyPath: path] = number
        }
        return limits
    }

    private func text(_ key: String) throws(LineFault) -> String {
        guard let value = node[key] else { throw LineFault("\(key) is missing") }
        guard case .string(let text) = value.content else {
            throw LineFault("\(key): expected a string, found \(value.kindName)")
        }
        return text
    }

    private func instant(_ key: String) throws(LineFault) -> Instant {
        let text = try text(key)
        do throws(TimeFault) { return try RFC3339.parse(text) } catch {
            throw LineFault("\(key): a time such as 2027-03-01T00:00:00Z, not \"\(text)\"")
        }
    }
}

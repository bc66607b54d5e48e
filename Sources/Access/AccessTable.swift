/// Who may call. Never changes: a new file makes a new table.
package final class AccessTable: Sendable {
    package let entries: [AccessEntry]
    private let tokens: [(hash: TokenHash, entry: Int)]
    private let certificates: [String: Int]

    package init(_ entries: [AccessEntry]) {
        self.entries = entries
        var tokens: [(TokenHash, Int)] = []
        var certificates: [String: Int] = [:]
        for (index, entry) in entries.enumerated() {
            switch entry.credential {
            case .token(let hash): tokens.append((hash, index))
            case .certificate(let name): certificates[name] = index
            }
        }
        self.tokens = tokens
        self.certificates = certificates
    }

    /// The entry of a token.
    ///
    /// Looks at every hash whether or not one has matched, so that the time tells nothing but their number.
    package func entry(token: Span<UInt8>) -> Int? {
        guard token.count <= TokenText.byteCountMax else { return nil }
        let hash = TokenHash(of: token)
        var found: Int?
        for (candidate, entry) in tokens where candidate.matches(hash) { found = entry }
        return found
    }

    /// The entry of the first of a certificate's names that has one.
    package func entry(certificateNames names: [String]) -> Int? {
        names.lazy.compactMap { self.certificates[$0] }.first
    }
}

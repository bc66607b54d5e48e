/// What a caller may do. None implies another.
package enum Scope: String, CaseIterable, Sendable {
    case articlesRead = "articles.read"
    case articlesWrite = "articles.write"
    case engagementWrite = "engagement.write"
    case commentsModerate = "comments.moderate"
    case reportsRead = "reports.read"
    case reportsWrite = "reports.write"
    case admin
}

/// Several scopes, one bit each.
package struct ScopeSet: OptionSet, Hashable, Sendable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package init(_ scope: Scope) {
        // Seven cases: each has a bit.
        rawValue = 1 << UInt16(Scope.allCases.firstIndex(of: scope) ?? 15)
    }

    package init(_ scopes: some Sequence<Scope>) {
        self = scopes.reduce(into: []) { set, scope in set.formUnion(ScopeSet(scope)) }
    }

    /// In the order in which `Scope` lists them.
    package var scopes: [Scope] { Scope.allCases.filter { isSuperset(of: ScopeSet($0)) } }
}

/// What a method asks of its caller.
package struct MethodNeed: Hashable, Sendable {
    /// Anybody may call it, unless the server is told otherwise.
    package let isOpen: Bool
    /// What the caller must be allowed to do.
    package let scopes: ScopeSet

    package static let open = MethodNeed(isOpen: true, scopes: [])
    package static func scope(_ scope: Scope) -> MethodNeed { MethodNeed(isOpen: false, scopes: ScopeSet(scope)) }
}

package import Access
package import GRPCWire
internal import Threads

/// Who may call a server, and how much: what its loops share.
package final class AccessControl: Sendable {
    package struct Configuration: Sendable {
        /// What each method asks of its caller, by its index in the routing table.
        package var needs: [MethodNeed]
        /// Who may call. `nil`: anybody, and only the limits hold.
        package var table: AccessTable?
        /// What a caller may use whose entry says nothing else.
        package var limits = CallerLimits()
        /// Connections that one address may have. `nil`: as many as it likes.
        package var connectionsPerAddressMax: Int?
        /// Open methods ask for a caller too, though for no scope.
        package var closesOpenMethods = false
        /// Accounts of callers without a connection that are kept for their buckets' sake.
        package var idleAccountsMax = 8192
        /// What a refused call is told.
        package var status: @Sendable (AccessRefusal) -> Status
        /// Nanoseconds on a monotonic clock; the loop's own when left out.
        package var now: (@Sendable () -> Int64)?
        /// Microseconds since 1970, by which tokens expire.
        package var wallNow: @Sendable () -> Int64 = { WallClock.now }

        package init(needs: [MethodNeed], status: @escaping @Sendable (AccessRefusal) -> Status) {
            self.needs = needs
            self.status = status
        }

        /// Whether there is anything to look after.
        package var isEmpty: Bool { table == nil && limits.isEmpty && connectionsPerAddressMax == nil }
    }

    let configuration: Configuration
    let accounts: AccountTable

    package init(_ configuration: Configuration) {
        self.configuration = configuration
        accounts = AccountTable(idleMax: configuration.idleAccountsMax)
    }

    /// Accounts in memory.
    package var accountCount: Int { accounts.count }
}

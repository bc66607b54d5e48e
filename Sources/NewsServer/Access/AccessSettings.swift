package import Access
internal import NewsService

/// Who may call a server of articles, and how much.
package struct AccessSettings: Sendable {
    /// Who may call. `nil`: anybody.
    package var tokenFile: TokenFile?
    /// What a caller may use whose entry in the token file says nothing else.
    package var limits = CallerLimits()
    /// Connections that one address may have. `nil`: as many as it likes.
    package var connectionsPerAddressMax: Int?
    /// Health and reflection ask for a caller too.
    package var closesOpenMethods = false

    package init() {}

    /// - Returns: `nil` when there is nothing to look after, so that calls pass without a look.
    func control(_ tokens: TokenFileWatch?) -> AccessControl? {
        var configuration = AccessControl.Configuration(needs: Route.needs) { Failure($0).status }
        configuration.table = tokens?.first
        configuration.limits = limits
        configuration.connectionsPerAddressMax = connectionsPerAddressMax
        configuration.closesOpenMethods = closesOpenMethods
        return configuration.isEmpty ? nil : AccessControl(configuration)
    }
}

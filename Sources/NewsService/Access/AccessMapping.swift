package import Access
internal import GRPCWire

extension Failure {
    /// Why a call does not begin, for its caller. No `default`, as in StatusMapping.
    package init(_ refusal: AccessRefusal) {
        switch refusal {
        case .tokenMissing:
            self.init(
                .unauthenticated, .tokenMissing, "the call needs a token: authorization: Bearer nrpc_...")
        case .tokenUnknown: self.init(.unauthenticated, .tokenUnknown, "the token is not known here")
        case .tokenExpired: self.init(.unauthenticated, .tokenExpired, "the token has expired")
        case .certificateUnknown:
            self.init(
                .permissionDenied, .certificateUnknown, "no name in the client's certificate is known here")
        case .scopeMissing(let scopes, let caller):
            let names = scopes.scopes.map(\.rawValue).joined(separator: ", ")
            self.init(
                .permissionDenied, .scopeMissing, "\(caller) may not do this: the method needs \(names)",
                metadata: ["scope": names, "caller": caller])
        case .tooFast(let milliseconds):
            self.init(
                .resourceExhausted, .rateLimited, "calls come too fast; the next may come in \(milliseconds) ms",
                retryDelay: .milliseconds(milliseconds))
        case .tooManyCalls(let limit):
            self.init(
                .resourceExhausted, .tooManyCalls, "\(limit) calls of this caller are under way already",
                metadata: ["limit": String(limit)])
        case .tooManyBytes(let limit):
            self.init(
                .resourceExhausted, .tooManyBytes,
                "the caller's requests and unread replies take more than \(limit) bytes",
                metadata: ["limit": String(limit)])
        }
    }
}

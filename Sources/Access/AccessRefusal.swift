/// Why a call does not begin.
package enum AccessRefusal: Hashable, Sendable {
    /// The call names nobody, or not by a bearer token.
    case tokenMissing
    /// Nobody has this token.
    case tokenUnknown
    case tokenExpired
    /// The client's certificate was verified, and nobody here has one of its names.
    case certificateUnknown
    /// The caller may do much, but not this.
    case scopeMissing(ScopeSet, caller: String)
    /// Calls come too fast; the next may come after so many milliseconds.
    case tooFast(retryMilliseconds: Int64)
    case tooManyCalls(limit: Int)
    case tooManyBytes(limit: Int)

    /// When to try again, in milliseconds. `nil`: nothing is known of that.
    package var retryMilliseconds: Int64? {
        if case .tooFast(let milliseconds) = self { return milliseconds }
        return nil
    }
}

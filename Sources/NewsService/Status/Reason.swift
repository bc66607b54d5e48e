package import NewsModel

/// Why a call failed, as google.rpc.ErrorInfo names it (news_service.proto, head and methods).
package enum Reason: String, CaseIterable, Sendable {
    case fieldRequired = "FIELD_REQUIRED"
    case fieldInvalid = "FIELD_INVALID"
    case textInvalid = "TEXT_INVALID"
    case nameInvalid = "NAME_INVALID"
    case orderInvalid = "ORDER_INVALID"
    case timeInvalid = "TIME_INVALID"
    case pageTokenInvalid = "PAGE_TOKEN_INVALID"
    case pageTokenMismatch = "PAGE_TOKEN_MISMATCH"
    case requestMalformed = "REQUEST_MALFORMED"
    case articleNotFound = "ARTICLE_NOT_FOUND"
    case articleExists = "ARTICLE_EXISTS"
    case articleDeleted = "ARTICLE_DELETED"
    case articleNotDeleted = "ARTICLE_NOT_DELETED"
    case etagMismatch = "ETAG_MISMATCH"
    case maskInvalid = "MASK_INVALID"
    case positionUnknown = "POSITION_UNKNOWN"
    case positionCompacted = "POSITION_COMPACTED"
    case watcherTooSlow = "WATCHER_TOO_SLOW"
    case tooManyWatches = "TOO_MANY_WATCHES"
    case channelNotFound = "CHANNEL_NOT_FOUND"
    case requestIDConflict = "REQUEST_ID_CONFLICT"
    case operationNotFound = "OPERATION_NOT_FOUND"
    case operationRunning = "OPERATION_RUNNING"
    case backupImpossible = "BACKUP_IMPOSSIBLE"
    case backupRootMissing = "BACKUP_ROOT_MISSING"
    case periodChanged = "PERIOD_CHANGED"
    case captureUnreadable = "CAPTURE_UNREADABLE"
    case serviceUnknown = "SERVICE_UNKNOWN"
    case methodUnimplemented = "METHOD_UNIMPLEMENTED"
    case deadline = "DEADLINE"
    case cancelled = "CANCELLED"
    case limitExceeded = "LIMIT_EXCEEDED"
    case callRefused = "CALL_REFUSED"
    case messageTooLarge = "MESSAGE_TOO_LARGE"
    case storeFull = "STORE_FULL"
    case storeReadOnly = "STORE_READ_ONLY"
    case storeFailed = "STORE_FAILED"
    case shardUnavailable = "SHARD_UNAVAILABLE"
    case draining = "DRAINING"
    case overloaded = "OVERLOADED"
    case checksumMismatch = "CHECKSUM_MISMATCH"
    case tokenMissing = "TOKEN_MISSING"
    case tokenUnknown = "TOKEN_UNKNOWN"
    case tokenExpired = "TOKEN_EXPIRED"
    case certificateUnknown = "CERTIFICATE_UNKNOWN"
    case scopeMissing = "SCOPE_MISSING"
    case rateLimited = "RATE_LIMITED"
    case tooManyCalls = "TOO_MANY_CALLS"
    case tooManyBytes = "TOO_MANY_BYTES"

    package init(_ reason: FieldViolation.Reason) {
        self =
            switch reason {
            case .required: .fieldRequired
            case .invalid: .fieldInvalid
            case .text: .textInvalid
            case .name: .nameInvalid
            case .order: .orderInvalid
            case .time: .timeInvalid
            case .pageTokenInvalid: .pageTokenInvalid
            case .pageTokenMismatch: .pageTokenMismatch
            case .mask: .maskInvalid
            }
    }
}

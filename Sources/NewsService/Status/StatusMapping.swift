internal import GRPCWire
internal import NewsMessages
internal import NewsModel
internal import NewsStore

// The one place where errors of the parts below become failures of calls. No `default`: a new error is a compile error
// here and not an UNKNOWN there.

extension Failure {
    /// - Parameter status: What the server itself says of a call that reached no service, or ran out of time in one.
    init(undetailed status: Status) {
        let reason: Reason =
            switch status.code {
            case .cancelled: .cancelled
            case .deadlineExceeded: .deadline
            case .resourceExhausted: .limitExceeded
            case .unimplemented: .methodUnimplemented
            case .internalError: .requestMalformed
            case .unavailable: .draining
            default: .callRefused
            }
        self.init(status.code, reason, status.message)
    }

    /// - Parameter error: Why a request could not be decoded.
    init(_ error: MessageError) {
        switch error {
        case .malformed, .textNotUTF8:
            self.init(.internalError, .requestMalformed, "the request \(error)")
        case .textHasNUL(let field):
            self.init(field: field, .text, "\(field) must not contain U+0000")
        }
    }

    init(_ error: PageTokenError) {
        switch error {
        case .invalid:
            self.init(
                field: "page_token", .pageTokenInvalid,
                "page_token is not one of this store's; begin with the first page")
        case .expired:
            self.init(
                field: "page_token", .pageTokenInvalid, "page_token is older than 3 days; begin with the first page")
        case .mismatch:
            self.init(
                field: "page_token", .pageTokenMismatch,
                "page_token belongs to another request; all fields but page_size must be as before")
        }
    }

    init(_ error: StoreError) {
        let text = error.description
        switch error {
        case .damaged(let place):
            self.init(.dataLoss, .checksumMismatch, text, metadata: ["place": place.description])
        case .unavailable(let period), .quarantined(let period, _):
            self.init(.unavailable, .shardUnavailable, text, metadata: ["shard": period.description])
        case .readOnly(let period):
            self.init(.unavailable, .storeReadOnly, text, metadata: ["shard": period.description])
        case .outcomeUnknown(let period):
            self.init(.unavailable, .storeReadOnly, text, metadata: ["shard": period.description])
            retryDelay = .seconds(1)
        case .full: self.init(.resourceExhausted, .storeFull, "the store has no room left")
        case .closed: self.init(.unavailable, .draining, text)
        case .cancelled: self.init(.cancelled, .cancelled, text)
        case .locatedElsewhere(let period), .wrongPeriod(let period):
            self.init(.failedPrecondition, .periodChanged, text, metadata: ["shard": period.description])
        case .badSlotCount: self.init(field: "slots", .invalid, text)
        case .periodsChanged: self.init(.unavailable, .overloaded, text, retryDelay: .milliseconds(100))
        case .absent(let id): self.init(notFound: id.name)
        case .compacted: self.init(.outOfRange, .positionCompacted, text)
        case .deleted(let id):
            self.init(.failedPrecondition, .articleDeleted, "\(id.name) is deleted", metadata: ["name": id.name])
        case .tooLarge(let what, let byteCount, let limit):
            self.init(
                .resourceExhausted, .messageTooLarge, text,
                metadata: ["part": what, "bytes": String(byteCount), "limit": String(limit)])
        case .backup(let fault): self.init(.failedPrecondition, .backupImpossible, fault.description)
        case .notWritable, .held: self.init(.unavailable, .storeReadOnly, "the store takes no writes")
        case .file where error.isDescriptorShortage, .environment where error.isDescriptorShortage:
            self.init(
                .resourceExhausted, .overloaded, "the server has as many files open as it may",
                retryDelay: .seconds(1))
        case .notAStore, .newerFormat, .damagedStoreFile, .damagedCatalog, .zoneUnknown, .file, .environment,
            .otherLayout:
            // The text names paths of this machine, which are not the caller's business.
            self.init(.internalError, .storeFailed, "the store failed; its log says why")
        }
    }

    /// An article whose stored bytes are not what was written.
    init(damaged name: String, _ period: Period) {
        self.init(
            .dataLoss, .checksumMismatch, "\(name) is damaged in shard \(period)",
            metadata: ["name": name, "shard": period.description])
    }

    /// Of a call that streams its replies, whose peer ended its side without a request.
    static let requestMissing = Failure(
        .unimplemented, .requestMalformed, "the method takes one request message, none came")

    /// What calls get that would go on for longer than the server does.
    static let stopping = Failure(.unavailable, .draining, "the server is stopping")

    init(notFound name: String) {
        self.init(.notFound, .articleNotFound, "\(name) does not exist", metadata: ["name": name])
    }
}

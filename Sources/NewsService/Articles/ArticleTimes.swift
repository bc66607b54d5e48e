internal import NewsMessages
internal import NewsModel

extension Timestamp {
    init(_ instant: Instant) {
        self.init()
        seconds = instant.seconds
        nanos = instant.nanosecondOfSecond
    }
}

extension Instant {
    /// - Returns: `nil` when the message breaks the rules of google.protobuf.Timestamp.
    init?(_ timestamp: Timestamp) {
        guard 0...999_999_999 ~= timestamp.nanos,
            let instant = Instant(seconds: timestamp.seconds, nanoseconds: timestamp.nanos), instant.isTimestamp
        else { return nil }
        self = instant
    }
}

extension Precision {
    /// - Returns: `nil` for a number that article.proto does not list. Unspecified is SECOND.
    init?(_ precision: TimePrecision) {
        switch precision {
        case .unspecified, .second: self = .second
        case .minute: self = .minute
        case .day: self = .day
        case .month: self = .month
        case .year: self = .year
        case .unknown: self = .unknown
        default: return nil
        }
    }
}

extension TimePrecision {
    init(_ precision: Precision) {
        self =
            switch precision {
            case .second: .second
            case .minute: .minute
            case .day: .day
            case .month: .month
            case .year: .year
            case .unknown: .unknown
            }
    }
}

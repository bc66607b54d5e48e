/// Every limit of what is stored, in characters (Unicode code points) or items.
package enum ArticleLimits {
    package static let title = 500
    package static let subtitle = 500
    package static let excerpt = 500
    package static let source = 200
    package static let editor = 100
    package static let body = 1_000_000
    package static let canonicalURI = 2048
    package static let label = 64
    package static let labelCount = 50
    package static let writer = 100
    package static let writerCount = 20
    package static let channelDisplayName = 63
    package static let fileName = 255
    package static let zoneName = 64
    /// RFC 5646, section 4.4.1 advises room for 35.
    package static let languageCode = 35
    /// A UUID as text.
    package static let requestID = 36
    /// The damaged text that an issue shows.
    package static let issueText = 200
    package static let batchNames = 100
    package static let pageSizeDefault = 50
    package static let pageSizeMax = 1000
    package static let purgeDelaySecondsMax: Int64 = 365 * 86_400
    /// How long a deleted article can be brought back unless its client says otherwise.
    package static let purgeDelayDefault = Duration.seconds(30 * 86_400)
}

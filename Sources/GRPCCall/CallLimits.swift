/// What a server takes of one call. Sizes in bytes.
package struct CallLimits: Sendable {
    /// Largest request message, before its prefix.
    package var messageMax = 4 << 20
    /// Largest header section: names, values and 32 for each field (RFC 9113 section 6.5.2).
    package var headerListMax = 16 << 10

    /// Whether the peer's own fields are kept for the handlers. Without it they are only checked: keeping them makes
    /// objects.
    package var keepsMetadata = false

    /// Largest reply message, before its prefix. A larger one fails its call. The prefix itself can say no more.
    package var replyMessageMax = Int(UInt32.max)
    /// Replies from so many bytes on are compressed, if their caller reads that and their handler says nothing else.
    /// `nil`: none is, not even if its handler asks, and what callers could read is not looked at.
    package var compressedReplyMin: Int?

    package init() {}
}

/// What a session tells its peer, and what it takes from it. Sizes in bytes.
package struct SessionSettings: Sendable {
    /// SETTINGS_MAX_CONCURRENT_STREAMS.
    package var concurrentStreamsMax: UInt32 = 100
    /// SETTINGS_INITIAL_WINDOW_SIZE: bytes of one stream's body that may be under way.
    package var streamWindow: UInt32 = 1 << 20
    /// The same for all streams of the connection.
    package var connectionWindow: Int32 = 4 << 20
    /// SETTINGS_MAX_HEADER_LIST_SIZE, counted as RFC 9113 section 6.5.2 does. nghttp2 only announces it: who reads the
    /// fields counts them.
    package var headerListMax: UInt32 = 16 << 10
    /// RST_STREAM frames of the peer that are taken at once, and per second after that. nghttp2's own 1,000 and 33 are
    /// too few for a busy proxy, which sends one for every call that is cancelled or late. nghttp2 ends the session
    /// with INTERNAL_ERROR; who counts `PeerSign.reset` itself can say more, and allows less.
    package var resetBurst: UInt64 = 20_000
    package var resetsPerSecond: UInt64 = 2_000
    /// CONTINUATION frames in one header block.
    package var continuationsMax: Int = 8
    /// Acknowledgements of SETTINGS and PING that may wait for a peer that does not read.
    package var acknowledgementsMax: Int = 1_000

    package init() {}
}

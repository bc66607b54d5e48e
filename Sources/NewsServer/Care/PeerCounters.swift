package import HTTP2

/// How often a peer may do on one connection what is an attack in masses.
package struct PeerLimits: Sendable {
    /// RST_STREAM of the peer. A proxy sends one for every call that is cancelled or late, and a busy one has many.
    package var resets = PeerRate(burst: 10_000, perSecond: 1_000)
    /// RST_STREAM that the peer made us send by breaking a rule. A client that works breaks none.
    package var faults = PeerRate(burst: 100, perSecond: 33)
    /// DATA without a byte. Some clients end each of their messages with one.
    package var emptyData = PeerRate(burst: 1_000, perSecond: 100)
    /// SETTINGS. A client sends one, some send another for each change of a window.
    package var settings = PeerRate(burst: 100, perSecond: 10)

    package init() {}
}

/// What a peer has done so far, and whether it was too much.
package struct PeerCounters: Sendable {
    private var resets: RateBucket
    private var faults: RateBucket
    private var emptyData: RateBucket
    private var settings: RateBucket

    package init(_ limits: PeerLimits) {
        resets = RateBucket(limits.resets)
        faults = RateBucket(limits.faults)
        emptyData = RateBucket(limits.emptyData)
        settings = RateBucket(limits.settings)
    }

    /// - Returns: what the peer did too often, in the words that it is told.
    package mutating func count(_ sign: PeerSign, now: Int64) -> String? {
        switch sign {
        case .reset: resets.take(now: now) ? nil : "too_many_resets"
        case .fault: faults.take(now: now) ? nil : "too_many_stream_errors"
        case .emptyData: emptyData.take(now: now) ? nil : "too_many_empty_frames"
        case .settings: settings.take(now: now) ? nil : "too_many_settings"
        }
    }
}

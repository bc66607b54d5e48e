/// When a connection is asked whether it is still there, and when it is told to go.
package struct CareSettings: Sendable {
    /// Nothing has come in for so long: PING (gRPC, "Keepalive").
    package var keepaliveTime: Duration = .seconds(7200)
    /// Nothing has come in for so long after it: the connection is given up.
    package var keepaliveTimeout: Duration = .seconds(20)
    /// Time without a call after which a connection is told to go; `nil`: never.
    package var idleMax: Duration? = .seconds(7200)
    /// Age at which a connection is told to go, so that clients spread over new servers; `nil`: never. Each connection
    /// takes a factor of `ageFactor`, so that those made together do not come back together.
    package var ageMax: Duration?
    /// Time that calls have after that, or `nil` for as long as they take.
    package var ageGrace: Duration?
    package var ageFactor: @Sendable () -> Double = { Double.random(in: 0.9...1.1) }
    /// Time for the answer to the PING between the two GOAWAYs.
    package var goAwayTimeout: Duration = .seconds(1)
    /// Time from the accept to the peer's word that it has taken our SETTINGS.
    package var settingsTimeout: Duration = .seconds(20)
    /// Replies wait for the peer's window, and none of them has moved for so long: their streams are reset.
    package var windowStallTimeout: Duration = .seconds(300)

    /// Least time between two PINGs of a peer between which nothing was sent to it.
    package var pingIntervalMin: Duration = .seconds(300)
    /// Whether that is enough while no call is running; else it has to be two hours then.
    package var permitsPingsWithoutCalls = false
    /// PINGs that may come too soon; one more ends the connection.
    package var pingStrikesMax = 2

    package init() {}
}

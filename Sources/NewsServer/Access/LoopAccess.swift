internal import Access
internal import EventLoops

/// Who may call, on one loop.
final class LoopAccess {
    let control: AccessControl
    let needs: [MethodNeed]
    /// Changes by `replace`, between turns.
    private(set) var table: AccessTable?
    /// Grows with each table: what a connection found in an earlier one counts no longer.
    private(set) var generation: UInt32 = 1
    let limits: CallerLimits
    let pace: CallPace?
    private unowned let loop: EventLoop

    init(_ control: AccessControl, loop: EventLoop) {
        self.control = control
        self.loop = loop
        needs = control.configuration.needs
        table = control.configuration.table
        limits = control.configuration.limits
        pace = limits.pace
    }

    /// Who may call from now on, on connections that are there as well.
    func replace(_ table: AccessTable) {
        self.table = table
        generation &+= 1
    }

    /// Monotonic nanoseconds.
    var now: Int64 { control.configuration.now?() ?? loop.now }

    /// Whether a caller that is not known may not call the method.
    func asksForCaller(_ method: Int) -> Bool {
        table != nil && (!needs[method].isOpen || control.configuration.closesOpenMethods)
    }

    /// A connection begins.
    ///
    /// - Returns: `nil` when its address has as many as it may.
    func connect(_ address: SocketAddress?) -> ConnectionAccess? {
        let configuration = control.configuration
        guard let key = address.flatMap({ AddressKey($0) }),
            configuration.connectionsPerAddressMax != nil || !limits.isEmpty
        else { return ConnectionAccess(self, address: nil, account: nil) }
        let max = configuration.connectionsPerAddressMax ?? .max
        guard let account = control.accounts.take(.address(key), holderMax: max) else { return nil }
        return ConnectionAccess(self, address: key, account: account)
    }
}

@available(*, unavailable) extension LoopAccess: Sendable {}

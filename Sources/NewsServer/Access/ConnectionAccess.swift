internal import Access
internal import Bytes
internal import NewsModel

/// Somebody who was found in the table.
final class KnownCaller {
    let name: String
    let scopes: ScopeSet
    /// Monotonic nanoseconds from which on it counts no longer.
    let deadline: Int64
    let limits: CallerLimits
    let pace: CallPace?
    /// `nil`: there is nothing to count.
    let account: CallerAccount?

    init(_ entry: AccessEntry, _ loop: LoopAccess) {
        name = entry.name
        scopes = entry.scopes
        limits = entry.limits.filled(from: loop.limits)
        pace = limits.pace
        deadline = entry.expires.map { Self.deadline($0, loop) } ?? .max
        account = limits.isEmpty ? nil : loop.control.accounts.take(.caller(entry.name))
    }

    /// To be called once: the connection shows another credential, or is over.
    func giveBack(_ loop: LoopAccess) {
        if account != nil { loop.control.accounts.giveBack(.caller(name), now: loop.now) }
    }

    private static func deadline(_ expires: Instant, _ loop: LoopAccess) -> Int64 {
        let (left, isFar) = expires.microseconds.subtractingReportingOverflow(loop.control.configuration.wallNow())
        let (nanoseconds, isFarther) = left.multipliedReportingOverflow(by: 1000)
        // What lies further off than 292 years is as good as never, or as long gone.
        guard !isFar, !isFarther else { return expires.microseconds < 0 ? .min : .max }
        let (deadline, overflow) = loop.now.addingReportingOverflow(nanoseconds)
        return overflow ? (nanoseconds < 0 ? .min : .max) : deadline
    }
}

@available(*, unavailable) extension KnownCaller: Sendable {}

/// Who calls on one connection, and what its calls use.
///
/// A client sends the same `authorization` with every call. The value that was accepted last is kept with what it led
/// to, so that the next call costs a comparison of bytes and of a few numbers: no hash, no string, no look-up.
final class ConnectionAccess {
    /// What the request whose fields come has shown.
    private enum Shown { case nothing, accepted, unknown }

    /// What a call uses, by slot.
    private struct Use {
        var account: CallerAccount?
        /// Of requests, and of replies that the peer has not read.
        var byteCount = 0
        var replyByteCount = 0
        var byteMax = Int.max
    }

    private let loop: LoopAccess
    private let address: AddressKey?
    private let addressAccount: CallerAccount?
    private var shown = Shown.nothing
    /// The value of the last `authorization` that led to somebody, and who that is.
    private var value: [UInt8] = []
    private var caller: KnownCaller?
    /// The table in which `caller` was found.
    private var generation: UInt32 = 0
    /// URIs and DNS names in the client's certificate, `nil` without one; who that is, and by which table. Not the
    /// common name: it is a name for people, and no authority vouches for what it looks like (RFC 9525, section 2).
    var certificateNames: [String]?
    private var certified: KnownCaller?
    private var certifiedGeneration: UInt32 = 0
    private var uses: [Use] = []

    init(_ loop: LoopAccess, address: AddressKey?, account: CallerAccount?) {
        self.loop = loop
        self.address = address
        addressAccount = account
    }

    // MARK: The caller

    /// A request begins.
    func begin() { shown = .nothing }

    /// The request has an `authorization` field.
    func authorization(_ field: Span<UInt8>) {
        guard let table = loop.table else { return }
        guard shown == .nothing else {
            shown = .unknown  // Two of them: whoever reads the other one would see another caller.
            return
        }
        let known = value
        if generation == loop.generation, ConstantTime.areEqual(field, known.span) {
            shown = .accepted
            return
        }
        guard let range = TokenText.range(inField: field) else { return }
        shown = .unknown
        guard let entry = table.entry(token: field.extracting(range)) else { return }
        caller?.giveBack(loop)
        caller = KnownCaller(table.entries[entry], loop)
        value = [UInt8](copying: field)
        generation = loop.generation
        shown = .accepted
    }

    private var presentCaller: KnownCaller? {
        switch shown {
        case .accepted: caller
        case .unknown: nil
        case .nothing: certificateNames == nil ? nil : certifiedCaller
        }
    }

    /// Whoever the certificate names.
    private var certifiedCaller: KnownCaller? {
        guard let table = loop.table, let certificateNames else { return nil }
        guard certifiedGeneration != loop.generation else { return certified }
        certified?.giveBack(loop)
        certified = table.entry(certificateNames: certificateNames).map { KnownCaller(table.entries[$0], loop) }
        certifiedGeneration = loop.generation
        return certified
    }

    // MARK: Calls

    /// The fields of a call are complete.
    ///
    /// - Returns: why it must not begin.
    func admit(_ slot: Int, _ method: Int) -> AccessRefusal? {
        let now = loop.now
        let caller = presentCaller
        if let caller, now < caller.deadline {
            if let account = caller.account, let pace = caller.pace, let early = account.pace(pace, now: now) {
                return .tooFast(retryMilliseconds: Self.milliseconds(early))
            }
            let need = loop.needs[method]
            guard caller.scopes.isSuperset(of: need.scopes) else {
                return .scopeMissing(need.scopes.subtracting(caller.scopes), caller: caller.name)
            }
            return caller.account.flatMap { begin(slot, $0, caller.limits) }
        }
        if let addressAccount, let pace = loop.pace, let early = addressAccount.pace(pace, now: now) {
            return .tooFast(retryMilliseconds: Self.milliseconds(early))
        }
        if loop.asksForCaller(method) {
            if caller != nil { return .tokenExpired }
            if shown == .unknown { return .tokenUnknown }
            return certificateNames == nil ? .tokenMissing : .certificateUnknown
        }
        return addressAccount.flatMap { begin(slot, $0, loop.limits) }
    }

    private func begin(_ slot: Int, _ account: CallerAccount, _ limits: CallerLimits) -> AccessRefusal? {
        if let max = limits.bytesInFlight, account.heldByteCount > max { return .tooManyBytes(limit: max) }
        let max = limits.callsInFlight ?? .max
        guard account.beginCall(max: max) else { return .tooManyCalls(limit: max) }
        while uses.count <= slot { uses.append(Use()) }
        uses[slot] = Use(account: account, byteMax: limits.bytesInFlight ?? .max)
        return nil
    }

    /// Rounded up, so that who waits that long is not early again.
    private static func milliseconds(_ nanoseconds: Int64) -> Int64 { nanoseconds / 1_000_000 + 1 }

    /// So many bytes of the call's requests are in memory now.
    ///
    /// - Returns: why it must not go on.
    func hold(_ slot: Int, _ byteCount: Int) -> AccessRefusal? {
        guard slot < uses.count, let account = uses[slot].account, uses[slot].byteMax < .max else { return nil }
        let sum = account.hold(byteCount - uses[slot].byteCount)
        uses[slot].byteCount = byteCount
        return sum > uses[slot].byteMax ? .tooManyBytes(limit: uses[slot].byteMax) : nil
    }

    /// So many bytes of the call's requests have been handed on.
    func letGo(_ slot: Int, _ byteCount: Int) {
        guard slot < uses.count, let account = uses[slot].account, uses[slot].byteMax < .max else { return }
        account.hold(-byteCount)
        uses[slot].byteCount -= byteCount
    }

    /// So many bytes of the call's replies wait for the peer to read them. What the caller has left unread keeps its
    /// further calls from beginning, and not this one from ending.
    func holdReply(_ slot: Int, _ byteCount: Int) {
        guard slot < uses.count, let account = uses[slot].account, uses[slot].byteMax < .max else { return }
        account.hold(byteCount - uses[slot].replyByteCount)
        uses[slot].replyByteCount = byteCount
    }

    /// The call of the slot is over. One that never began does no harm.
    func ended(_ slot: Int) {
        guard slot < uses.count, let account = uses[slot].account else { return }
        let held = uses[slot].byteCount + uses[slot].replyByteCount
        if held != 0 { account.hold(-held) }
        account.endCall()
        uses[slot] = Use()
    }

    /// The connection is over, and with it its calls.
    func closed() {
        for slot in uses.indices { ended(slot) }
        caller?.giveBack(loop)
        caller = nil
        generation = 0
        certified?.giveBack(loop)
        certified = nil
        if let address { loop.control.accounts.giveBack(.address(address), now: loop.now) }
    }
}

@available(*, unavailable) extension ConnectionAccess: Sendable {}

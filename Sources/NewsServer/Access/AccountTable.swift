internal import Synchronization

/// The accounts of all callers.
///
/// A look-up happens when a connection begins and when it shows another credential, never for a call. The table holds
/// the accounts that connections use, and at most `idleMax` besides: an account that nobody uses and whose bucket is
/// full is as good as a new one and goes at once; the others go when there are too many.
final class AccountTable: Sendable {
    enum Key: Hashable, Sendable {
        /// Whoever a token or certificate names.
        case caller(String)
        case address(AddressKey)
    }

    private struct Entry {
        let account: CallerAccount
        /// Connections that use it.
        var holderCount = 0
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var idleCount = 0
    }

    private let state = Mutex(State())
    private let idleMax: Int

    init(idleMax: Int) { self.idleMax = idleMax }

    /// The caller's account, made when it has none.
    ///
    /// - Parameter holderMax: Connections that may use it.
    /// - Returns: `nil` when there are as many already.
    func take(_ key: Key, holderMax: Int = .max) -> CallerAccount? {
        state.withLock { state in
            if let entry = state.entries[key] {
                guard entry.holderCount < holderMax else { return nil }
                if entry.holderCount == 0 { state.idleCount -= 1 }
                state.entries[key]?.holderCount += 1
                return entry.account
            }
            guard holderMax > 0 else { return nil }
            let account = CallerAccount()
            state.entries[key] = Entry(account: account, holderCount: 1)
            return account
        }
    }

    /// A connection uses the account no longer.
    func giveBack(_ key: Key, now: Int64) {
        state.withLock { state in
            guard var entry = state.entries[key] else { return }
            entry.holderCount -= 1
            guard entry.holderCount == 0 else {
                state.entries[key] = entry
                return
            }
            if entry.account.isAsNew(now: now) {
                state.entries[key] = nil
                return
            }
            state.entries[key] = entry
            state.idleCount += 1
            if state.idleCount > idleMax { Self.sweep(&state, now, keeping: idleMax / 2) }
        }
    }

    /// Accounts in memory.
    var count: Int { state.withLock { $0.entries.count } }

    /// Drops what is as good as new, and if that is not enough, whatever nobody uses: those callers may begin another
    /// burst, which is less harm than a table without an end.
    private static func sweep(_ state: inout State, _ now: Int64, keeping: Int) {
        state.entries = state.entries.filter { $0.value.holderCount > 0 || !$0.value.account.isAsNew(now: now) }
        state.idleCount = state.entries.values.count { $0.holderCount == 0 }
        guard state.idleCount > keeping else { return }
        state.entries = state.entries.filter { $0.value.holderCount > 0 || !$0.value.account.isIdle }
        state.idleCount = state.entries.values.count { $0.holderCount == 0 }
    }
}

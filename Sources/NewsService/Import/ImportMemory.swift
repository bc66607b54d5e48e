internal import Synchronization

/// Captures that are in memory, over all imports of a server: from the moment a call takes one to the end of the last
/// that works on it.
///
/// A call takes a request only while there is room, so that what does not fit waits behind the flow control of its
/// stream. Calls that find no room queue up, and each that is let in lets the next one in: one that gets its turn and
/// is gone by then passes it on (`leave`).
package final class ImportMemory: Sendable {
    /// A call as it is known here.
    typealias Visitor = ObjectIdentifier

    private struct State {
        var byteCount = 0
        /// Calls that found no room, in their order, and how each is told.
        var waiting: [Waiting] = []
        /// Who was told and has not taken anything yet.
        var invited: Visitor?
    }

    private struct Waiting {
        let visitor: Visitor
        let tell: @Sendable () -> Void
    }

    private let state = Mutex(State())
    private let byteMax: Int
    private let isQuiet: @Sendable () -> Bool

    /// What a request counts for, in bytes. Reading a page takes several times its size, and an article little more
    /// than once; the least is for what each takes besides its text.
    static func weight(_ request: Span<UInt8>) -> Int {
        max(weightMin, ImportPlan.isArticle(request) ? request.count / 8 : request.count)
    }

    static let weightMin = 256

    /// Requests that can be in memory at one time, for so many bytes.
    package static func requestCount(for byteMax: Int) -> Int { byteMax / weightMin + 1 }

    /// - Parameters:
    ///   - byteMax: Bytes beyond which no request is taken: the last one may go beyond it.
    ///   - isQuiet: Whether imports are the only ones that write. Where others do it is a third less: the more articles
    ///     wait, the more a transaction has, and the longer is the flush for which the others wait.
    package init(byteMax: Int = 2 << 20, isQuiet: @escaping @Sendable () -> Bool = { true }) {
        self.byteMax = byteMax
        self.isQuiet = isQuiet
    }

    /// Whether a call may take its next request. If not, `tell` is called once it may, from any thread.
    func admits(_ visitor: Visitor, _ tell: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            if state.invited == visitor { return true }
            if state.waiting.isEmpty, state.invited == nil, hasRoom(state) { return true }
            if !state.waiting.contains(where: { $0.visitor == visitor }) {
                state.waiting.append(Waiting(visitor: visitor, tell: tell))
            }
            return false
        }
    }

    /// A call has taken a request that counts for so many bytes.
    func take(_ byteCount: Int, _ visitor: Visitor) -> ImportShare {
        changed { state in
            state.byteCount += byteCount
            if state.invited == visitor { state.invited = nil }
        }
        return ImportShare(byteCount, of: self)
    }

    /// A call is over.
    func leave(_ visitor: Visitor) {
        changed { state in
            if state.invited == visitor { state.invited = nil }
            state.waiting.removeAll { $0.visitor == visitor }
        }
    }

    fileprivate func giveBack(_ byteCount: Int) {
        changed { state in
            state.byteCount -= byteCount
        }
    }

    /// What is there now.
    package var byteCount: Int { state.withLock { $0.byteCount } }

    private func hasRoom(_ state: State) -> Bool { state.byteCount < (isQuiet() ? byteMax : byteMax - byteMax / 3) }

    /// Invites the next one after a change that may have made room.
    private func changed(_ body: (inout sending State) -> Void) {
        let next = state.withLock { state -> Waiting? in
            body(&state)
            guard state.invited == nil, !state.waiting.isEmpty, hasRoom(state) else { return nil }
            let next = state.waiting.removeFirst()
            state.invited = next.visitor
            return next
        }
        next?.tell()
    }
}

/// The room that one request takes, until the last that works on it lets go.
final class ImportShare: Sendable {
    private let byteCount: Int
    private let memory: ImportMemory

    fileprivate init(_ byteCount: Int, of memory: ImportMemory) {
        self.byteCount = byteCount
        self.memory = memory
    }

    deinit { memory.giveBack(byteCount) }
}

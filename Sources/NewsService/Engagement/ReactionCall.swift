internal import Bytes
internal import GRPCCall
internal import GRPCWire
internal import NewsModel
internal import NewsStore

/// One call that adds a reaction or takes it back: finds the shard, hands the command to the writer and answers.
///
/// As in `ChangeCall`, the article may be elsewhere when the writer gets there; then all begins anew.
struct ReactionCall: Sendable {
    private let core: ServiceCore
    private let call: CallReference
    private var command: ReactionCommand
    private var attempts = 0

    private static let attemptsMax = 8

    init(_ core: ServiceCore, _ call: CallReference, _ command: ReactionCommand) {
        self.core = core
        self.call = call
        self.command = command
    }

    func start() {
        var next = self
        switch core.lookup.place(of: command.id) {
        case .found(let period), .unavailable(let period): next.command.period = period
        case .absent: return finish(Failure(notFound: command.id.name))
        }
        next.submit()
    }

    private func submit() {
        core.store.submit(command) { [self] result in
            switch result {
            case .success(.counted(let counters)): call.complete(.success(counters.encoded))
            case .success(.refused(let failure)): finish(failure)
            case .failure(.absent), .failure(.periodsChanged): again()
            case .failure(let error): finish(Failure(error))
            }
        }
    }

    private func again() {
        var next = self
        next.attempts += 1
        guard next.attempts < Self.attemptsMax else {
            return finish(Failure(movesTooFast: command.id))
        }
        next.start()
    }

    private func finish(_ failure: Failure) { call.complete(.failure(failure.status)) }
}

extension Counters {
    /// As a news.v1.ArticleStats.
    fileprivate var encoded: [UInt8] {
        let arena = ByteArena(capacity: Counters.encodedCountMax)
        arena.write(upTo: Counters.encodedCountMax) { append(to: &$0) }
        return arena.withBytes(in: 0..<arena.count) { [UInt8](copying: $0) }
    }
}

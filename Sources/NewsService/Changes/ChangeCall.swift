internal import GRPCCall
internal import GRPCWire
internal import NewsMessages
internal import NewsModel
internal import NewsStore

/// One call that changes an article: finds the shard, hands the command to the writer and answers.
///
/// Between the look and the writer's turn the article may have moved to another shard, or have been purged. Then the
/// command has changed nothing, and all begins anew.
struct ChangeCall<Command: ChangeCommand>: Sendable {
    let core: ServiceCore
    let call: CallReference
    var command: Command
    private var attempts = 0

    /// Nobody moves an article as often as that while another call is under way.
    private static var attemptsMax: Int { 8 }

    init(_ core: ServiceCore, _ call: CallReference, _ command: Command) {
        self.core = core
        self.call = call
        self.command = command
    }

    /// Looks for the article and begins.
    func start() {
        var next = self
        let id = command.request.id
        switch core.lookup.place(of: id) {
        case .found(let period), .unavailable(let period): next.command.place = ChangePlace(period: period)
        case .absent:
            next.command.place = placeOfAbsent(id)
        }
        next.submit()
    }

    /// Where the command is to run when no shard has its article.
    private func placeOfAbsent(_ id: ArticleID) -> ChangePlace {
        if let period = command.periodToCreate(core.store.layout) {
            return ChangePlace(period: period, claim: core.store.claim(id, in: period), isAbsent: true)
        }
        // Any shard does: what requests did is known for all of them.
        return ChangePlace(period: core.store.periods.last ?? .undated, isAbsent: true)
    }

    private func submit() {
        core.store.submit(command) { [self] result in
            switch result {
            case .success(.done(let article)): call.complete { [clock = core.clock] in article.encoded(now: clock()) }
            case .success(.refused(let failure)): finish(failure)
            case .success(.moves(let destination)): again { $0.place.destination = destination }
            case .success(.elsewhere), .failure(.locatedElsewhere), .failure(.periodsChanged): again(nil)
            case .failure(let error): finish(Failure(error))
            }
        }
    }

    private func again(_ change: ((inout Command) -> Void)?) {
        var next = self
        next.attempts += 1
        guard next.attempts < Self.attemptsMax else {
            return finish(Failure(movesTooFast: command.request.id))
        }
        guard let change else { return next.start() }
        change(&next.command)
        next.submit()
    }

    private func finish(_ failure: Failure) { call.complete(.failure(failure.status)) }
}

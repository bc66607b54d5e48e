internal import LMDB
internal import NewsModel
internal import Synchronization

/// Moves of articles with many reactions.
///
/// One transaction takes along no more than `StoreOptions.reactionPieceMax` of them, or it would grow with what callers
/// do. When there are more, all of them go ahead of the article, and are removed behind it:
///
///     1. catalog     the intent
///        new shard   the reactions, piece by piece
///     2. new shard   the article, its change, the request
///     3. catalog     `located` leads to the new shard
///     4. old shard   the article is gone, with a piece of its reactions
///        old shard   the other reactions are gone, piece by piece
///     5. catalog     the intent is gone, and `located` if the id names the new shard
///
/// So while the intent is there, a shard may have reactions to an article that it does not have: before 2 the new one,
/// after 4 the old one. Settling the move removes them. Until that is done the shard takes no writes, since a new
/// article of the same id would get them (`refuseUnsettled`). An article is never there with a part of its reactions,
/// so counters and entries always agree.
///
/// The last pieces go between two rounds, after the caller has been answered.
extension StoreWriter {
    /// Puts an article's reactions into the shard where it is about to go.
    func carry(
        _ source: Shard, _ target: Shard, _ round: inout WriteRound, _ failure: MoveFailure
    ) throws(StoreError) {
        guard let id = failure.overloaded else { return }
        // What the round has committed is shown before the pieces are, each of which shows nothing by itself.
        end(&round)
        catalog.begin(MoveIntent(id: id, source: source.period, target: target.period, requestKey: []))
        try catalog.commit()
        var last: [UInt8] = []
        while true {
            let limit = context.options.reactionPieceMax
            let piece = try source.sound(context.reactions(of: id, in: source, after: last, limit: limit))
            guard let end = piece.last else { return }
            try settle(target) { (writer) throws(StoreError) in try writer.putReactions(piece) }.publish()
            last = end.key
        }
    }

    /// Whether a shard has reactions to an article that it does not have.
    func hasLeftovers(of id: ArticleID, in shard: Shard) throws(StoreError) -> Bool {
        guard try !context.holds(id, in: shard.period) else { return false }
        return try context.hasReactions(id, in: shard)
    }

    /// Removes what is left of the article in a shard which does not have it.
    func takeLeftovers(of intent: MoveIntent) throws(StoreError) {
        let shards = [intent.source, intent.target].compactMap { context.shards.shard($0) }
        for shard in shards where try hasLeftovers(of: intent.id, in: shard) {
            guard !shard.isReadOnly.load(ordering: .acquiring) else { throw .readOnly(shard.period) }
            // A move that failed has shards to show whose commits are known by now.
            for other in shards { reload(other) }
            repeat {
                try settle(shard) { (writer) throws(StoreError) in _ = try writer.removeReactions(of: intent.id) }
                    .publish()
            } while try hasLeftovers(of: intent.id, in: shard)
        }
    }
}

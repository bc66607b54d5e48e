internal import LMDB
internal import NewsModel

/// The reactions to a group's articles. How many an article has is for callers to say: they are copied piece by piece
/// when a target gets the article, and then followed one by one, so that a like does not bring all of them again.
extension ReshardGroup {
    private var pieceMax: Int { context.options.reactionPieceMax }

    /// Copies all reactions to some articles, which a target has just got.
    func putReactions(
        of ids: some Sequence<ArticleID>, _ found: Found, to target: Period
    ) throws(StoreError) {
        var waiting: [Entry] = []
        for id in ids {
            guard let place = found[id]?.source, let source = sources.first(where: { $0.period == place }) else {
                continue
            }
            var last: [UInt8]? = []
            while let start = last {
                let piece = try source.sound(context.reactions(of: id, in: source, after: start, limit: pieceMax))
                waiting += piece
                last = piece.count < pieceMax ? nil : piece.last?.key
                if waiting.count < pieceMax { continue }
                try put(waiting, in: .reactions, of: target)
                waiting = []
            }
        }
        if !waiting.isEmpty { try put(waiting, in: .reactions, of: target) }
    }

    /// Removes all reactions to some articles, which a target has no more.
    func removeReactions(of ids: some Sequence<ArticleID>, from target: Period) throws(StoreError) {
        let limit = pieceMax
        for id in ids {
            var count = limit
            while count == limit {
                try write(target) { (writer) throws(LMDBError) in
                    count = try writer.removeReactions(of: id, limit: limit)
                }
            }
        }
    }

    /// Makes the targets have some reactions as the sources have them now.
    ///
    /// - Parameter keys: of their entries.
    func followReactions(_ keys: Set<[UInt8]>) throws(StoreError) {
        var rest = Array(keys)
        while !rest.isEmpty {
            let piece = Array(rest.suffix(pieceMax))
            rest.removeLast(piece.count)
            let wanted = try present(piece)
            for target in targets.union(wanted.keys) {
                try write(target) { (writer) throws(LMDBError) in
                    for key in piece {
                        if let value = wanted[target]?[key] {
                            try writer.put(key, value, in: .reactions)
                        } else {
                            try writer.remove(key, in: .reactions)
                        }
                    }
                }
            }
        }
    }

    /// The values of those that are there with their articles, by the targets of these.
    private func present(_ keys: [[UInt8]]) throws(StoreError) -> [Period: [[UInt8]: [UInt8]]] {
        var wanted: [Period: [[UInt8]: [UInt8]]] = [:]
        for source in sources {
            var damaged: [UInt8]?
            try context.shards.look(into: source) { (transaction, tables) throws(LMDBError) in
                for key in keys {
                    guard let id = ReactionKey(key)?.id, let value = try transaction.copy(key, in: tables[.reactions])
                    else { continue }
                    let name = Array(id.text.utf8)
                    guard case .found(let header) = try transaction.header(name.span, in: .articles, tables) else {
                        continue  // On its way to another shard, which has them as well.
                    }
                    if !Entry(key: key, value: value).isSound(in: .reactions) { damaged = key }
                    wanted[target(of: header), default: [:]][key] = value
                }
            }
            if let damaged { throw .damaged(source.place(.reactions, keyText(damaged.span))) }
        }
        return wanted
    }
}

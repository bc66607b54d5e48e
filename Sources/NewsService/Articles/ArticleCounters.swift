internal import NewsMessages
internal import NewsModel

extension Counters {
    /// What a client's stats say. An empty list of known counters means that those above 0 are known.
    init(_ stats: ArticleStats?) {
        self.init()
        guard let stats else { return }
        let counts: [(Counter, Int64, Counters.Known)] = [
            (.views, stats.viewCount, .views), (.likes, stats.likeCount, .likes),
            (.favorites, stats.favoriteCount, .favorites), (.tips, stats.tipCount, .tips),
            (.comments, stats.commentCount, .comments), (.shares, stats.shareCount, .shares),
        ]
        for (counter, count, flag) in counts where stats.known.isEmpty ? count > 0 : stats.known.contains(counter) {
            known.insert(flag)
        }
        views = known.contains(.views) ? stats.viewCount : 0
        likes = known.contains(.likes) ? stats.likeCount : 0
        favorites = known.contains(.favorites) ? stats.favoriteCount : 0
        tips = known.contains(.tips) ? stats.tipCount : 0
        comments = known.contains(.comments) ? stats.commentCount : 0
        shares = known.contains(.shares) ? stats.shareCount : 0
    }
}

import NewsMessages

/// Articles like those of the sample captures.
enum SampleArticles {
    /// Of 2026-03-05, listed with two counters, one of them 0.
    static func listed(_ title: String = "国家药监局召开挂职干部座谈会", views: Int64 = 59) -> Article {
        var article = Article()
        article.name = "articles/20260305-0h2v8k4mq1ts"
        article.title = title
        article.excerpt = "近日,国家药监局召开挂职干部座谈会"
        article.publishTime = timestamp(1_772_640_000)  // 2026-03-05T00:00:00+08:00
        article.publishTimePrecision = .day
        article.timeZone = "Asia/Shanghai"
        article.channel = "channels/zixun"
        article.channelDisplayName = "资讯"
        var stats = ArticleStats()
        stats.viewCount = views
        stats.known = [.views, .comments]
        article.stats = stats
        article.revision = 9_007_199_254_740_993  // 2^53 + 1, which no double holds.
        return article
    }

    /// Of 2024-03-13 15:55, with everything a page tells.
    static func full() -> Article {
        var article = Article()
        article.name = "articles/20240313-7p9c2d5f8g1h"
        article.title = "温州市局以三“量”全面推动药品检查工作提质增效"
        article.subtitle = "副题"
        article.publishTime = timestamp(1_710_316_500)
        article.publishTimePrecision = .minute
        article.timeZone = "Asia/Shanghai"
        article.channelDisplayName = "资讯"
        article.source = "浙江省药监局"
        article.editor = "huamei"
        article.body = "近年来,温州市局坚持以“药械化赋能培优”为牵引。\n\n一是在建设专业队伍上扩大容量。"
        var byline = Byline()
        byline.reporters = ["蔡美萍"]
        byline.correspondents = ["丁帥", "王五"]
        article.byline = byline
        var stats = ArticleStats()
        stats.viewCount = 480
        stats.shareCount = 3
        stats.known = [.views, .likes, .favorites, .tips, .comments, .shares]
        article.stats = stats
        article.textIssues = [issue(.certain), issue(.certain), issue(.derived), issue(.none)]
        return article
    }

    /// Without a date, a counter or anything but its title.
    static func bare() -> Article {
        var article = Article()
        article.name = "articles/00000000-3m5n7p9r1t3v"
        article.title = "長三角首個生物醫藥行業質量提升示范試點項目通過驗收"
        article.publishTimePrecision = .unknown
        return article
    }

    static func timestamp(_ seconds: Int64) -> Timestamp {
        var timestamp = Timestamp()
        timestamp.seconds = seconds
        return timestamp
    }

    private static func issue(_ confidence: RepairConfidence) -> TextIssue {
        var issue = TextIssue()
        issue.kind = .gloss
        issue.field = "body"
        issue.confidence = confidence
        return issue
    }
}

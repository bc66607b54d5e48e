import NewsImport
import NewsModel
import Testing

/// A mobile page as DESTOON prints it.
struct DestoonPage {
    struct Row { var title = "", excerpt: String?, comments = 0, date = "2026-03-05", views: Int64? = 1 }

    var channel = "资讯"
    var title = "某市开展药品检查工作"
    var time = "2025-12-31 23:59"
    var views: Int64? = 7
    var editor = "admin"
    var source = "国家药监局"
    var paragraphs = ["第一段说明检查的情况,数字是2023年的12个。", "2024-01-02那天没有说明。"]
    var buttons = ["点赞 5", "举报", "收藏 4", "打赏 1", "评论 2", "分享 3"]
    var comments = ["暂时没有评论,来说点什么吧"]
    var rows: [Row] = []
    var lineEnding = "\n"

    var text: String {
        var lines = ["分享好友 \(channel)首页 \(channel)分类 切换频道", "", title, ""]
        lines.append(time + (views.map(String.init) ?? "") + editor + source)
        lines.append("")
        lines += paragraphs.flatMap { [$0, ""] } + [""] + buttons + ["更多相关评论"] + comments
        for row in rows {
            lines.append(row.title)
            if let excerpt = row.excerpt { lines.append(excerpt) }
            lines += ["", "\(row.comments)评论\(row.date)" + (row.views.map(String.init) ?? ""), ""]
        }
        return lines.joined(separator: lineEnding)
    }

    static let rows = [
        Row(title: "甲药获批上市", excerpt: "  近日,甲药获批。 ", comments: 12, date: "2026-02-28", views: 12345),
        Row(title: "乙药获批上市", excerpt: nil, comments: 0, date: "2026-02-27", views: 0),
        Row(title: "丙药获批上市2026年", excerpt: "丙药是2025-01-01申报的", comments: 3, date: "2024-02-29", views: nil),
    ]
}

@Suite("DESTOON pages")
struct DestoonPageTests {
    @Test(
        "fused facts are cut by the widths that the system pads to",
        arguments: [
            ("2025-12-31 23:59", 0, "huamei", "浙江省药监局"), ("2025-12-31 23:59", 7, "a-b_9", "新华社"),
            ("2025-12-31 23:59", 12345, "", "国家药监局"),
            ("2025-12-31 23:59", nil, "admin", "国家药监局"), ("2025-12-31 23:59", nil, "", "国家药监局"),
            ("2025-12-31 23:59", 480, "admin", ""),
            ("2025-12-31 23:59", 480, "", ""), ("2025-12-31 23:59", nil, "", ""),
            ("2025-12-31 23:59:07", 480, "admin", "CFDA"),
            ("2025-12-31", 480, "admin", "新浪网"), ("2025-12-31", nil, "", "《中国医药报》"),
            ("2024-02-29 00:00", 1, "x", "甲乙丙"),
        ] as [(String, Int64?, String, String)])
    func fused(time: String, views: Int64?, editor: String, source: String) throws {
        let page = DestoonPage(time: time, views: views, editor: editor, source: source)
        let article = try #require(try read(page.text).main)
        #expect(article.published?.text == time.replacing(" ", with: "T"))
        #expect(article.counts.views == views)
        #expect(article.editor == editor)
        #expect(article.source == source)
        #expect(article.title == page.title)
        #expect(article.paragraphs == page.paragraphs)
    }

    @Test(
        "a day that the calendar has not is no time",
        arguments: ["2025-02-30 10:00", "2025-13-01 10:00", "2025-00-10 10:00"])
    func impossible(time: String) throws { #expect(try read(DestoonPage(time: time).text).main?.published == nil) }

    @Test("an address behind the views is neither editor nor source")
    func address() throws {
        let article = try #require(try read(DestoonPage(editor: "huamei", source: "www.nmpa.gov.cn").text).main)
        #expect(article.counts.views == 7)
        #expect(article.editor == "")
    }

    @Test("counts of the buttons; a button without a number is unknown, not 0")
    func buttons() throws {
        let article = try #require(try read(DestoonPage(buttons: ["点赞", "举报 9", "收藏 4", "评论 20", "分享 0"]).text).main)
        #expect(article.counts.likes == nil)
        #expect(article.counts.favorites == 4)
        #expect(article.counts.tips == nil)
        #expect(article.counts.comments == 20)
        #expect(article.counts.shares == 0)
    }

    @Test("rows may lack an excerpt or views", arguments: ["\n", "\r\n"])
    func rows(lineEnding: String) throws {
        let page = try read(DestoonPage(channel: "行业动态", rows: DestoonPage.rows, lineEnding: lineEnding).text)
        #expect(page.main?.channel == "行业动态")
        #expect(page.main?.paragraphs == DestoonPage().paragraphs)
        #expect(page.rows.map(\.title) == DestoonPage.rows.map(\.title))
        #expect(page.rows.map(\.counts.comments) == [12, 0, 3])
        #expect(page.rows.map(\.counts.views) == [12345, 0, nil])
        #expect(page.rows.map { $0.published?.text } == ["2026-02-28", "2026-02-27", "2024-02-29"])
        #expect(page.rows.map(\.excerptRaw) == ["  近日,甲药获批。 ", "", "丙药是2025-01-01申报的"])
        #expect(page.rows.map(\.excerpt) == ["近日,甲药获批。", "", "丙药是2025-01-01申报的"])
        #expect(page.rows.map(\.pageOrder) == [1, 2, 3])
    }

    @Test("a first row without an excerpt, behind the notice that there are no comments")
    func firstRow() throws {
        let rows = try read(DestoonPage(rows: Array(DestoonPage.rows[1...])).text).rows
        #expect(rows.map(\.title) == ["乙药获批上市", "丙药获批上市2026年"])
    }

    @Test("comments are neither text nor rows")
    func comments() throws {
        let comments = ["网友甲", "2026-03-01 10:00", "说得很好。", "网友乙", "同意楼上。"]
        let page = try read(DestoonPage(comments: comments, rows: DestoonPage.rows).text)
        #expect(page.main?.paragraphs == DestoonPage().paragraphs)
        #expect(page.main?.published?.text == "2025-12-31T23:59")
        #expect(page.rows.map(\.title) == DestoonPage.rows.map(\.title))
    }

    @Test("a page may have no rows, no text or no article")
    func missingParts() throws {
        #expect(try read(DestoonPage().text).articles.count == 1)
        let bare = try #require(try read(DestoonPage(paragraphs: []).text).main)
        #expect(bare.title == DestoonPage().title)
        #expect(bare.paragraphs.isEmpty)
        #expect(bare.counts.likes == 5)
        let listing = "分享好友 供应首页 供应分类 切换频道\n\n甲药获批上市\n近日。\n\n0评论2026-03-0562\n\n乙药\n\n1评论2026-03-04\n"
        let page = try read(listing)
        #expect(page.main == nil)
        #expect(page.rows.map(\.title) == ["甲药获批上市", "乙药"])
        #expect(page.rows.map(\.channel) == ["供应", "供应"])
    }

    @Test("a row whose date the calendar has not keeps its comments only")
    func impossibleRow() throws {
        let row = DestoonPage.Row(title: "甲药", excerpt: "摘要", comments: 4, date: "2026-02-30", views: 11)
        let found = try #require(try read(DestoonPage(rows: [row]).text).rows.first)
        #expect(found.published == nil)
        #expect(found.counts.views == nil)
        #expect(found.counts.comments == 4)
    }

    @Test("a damaged page of the family is repaired and then read")
    func damaged() throws {
        var page = DestoonPage(channel: "資訊", title: "某市開展藥品檢查工作", source: "國家藥監局")
        page.paragraphs = ["第一段說明檢查的情況,發展很好。"]
        page.buttons = ["點贊 5", "舉報", "收藏 4", "打賞 1", "評論 2", "分享 3"]
        page.rows = [.init(title: "甲藥獲批上市", excerpt: "近日,甲藥獲批。", comments: 1, date: "2026-02-28", views: 62)]
        let software = PageSoftware(readings: [
            ("開", "kāi"), ("監", "jiān"), ("評", "píng"), ("論", "lùn"), ("發", "fā"), ("頁", "yè"), ("點", "diǎn"),
        ])
        let text = page.text.replacing("评论", with: "評論").replacing("资", with: "資").replacing("首页", with: "首頁")
        let found = try read(software.damage(text))
        let article = try #require(found.main)
        #expect(article.title == page.title)
        #expect(article.source == page.source)
        #expect(article.counts.likes == 5)
        #expect(article.channel == "資訊")
        #expect(article.languageCode == "zh-Hant")
        #expect(found.rows.first?.title == "甲藥獲批上市")
        #expect(found.rows.first?.counts.views == 62)
        #expect(found.rows.first?.issues.allSatisfy { $0.field != "body" } == true)
    }
}

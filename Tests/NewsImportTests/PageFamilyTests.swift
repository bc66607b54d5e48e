import NewsImport
import Testing

/// Pages of the fixtures' families with other values.
@Suite("Grammars of page families")
struct PageFamilyTests {
    @Test("fused labels, in any order and with any of them missing")
    func fusedLabels() throws {
        let article = try #require(
            try read("一种方法与流程\n\n来源:新华网阅读:1,234发布日期:2021-06-18评论:12作者:王小明、李四编辑:admin\n\n正文从这里开始。").main)
        #expect(article.title == "一种方法与流程")
        #expect(article.source == "新华网")
        #expect(article.counts.views == 1234)
        #expect(article.counts.comments == 12)
        #expect(article.published?.text == "2021-06-18")
        #expect(article.authors == ["王小明", "李四"])
        #expect(article.editor == "admin")
        #expect(article.paragraphs == ["正文从这里开始。"])
    }

    @Test(
        "lines of facts below a title",
        arguments: [
            ("2024-4-2 9:39| 發布者: editor1| 查看: 3| 評論: 10", "2024-04-02T09:39", 3, "editor1", "", []),
            ("2024-04-02 来源:人民日报 点击:1.2万", "2024-04-02", 12000, "", "人民日报", []),
            ("来源:人民日报 2024-04-02 10:11:12", "2024-04-02T10:11:12", nil, "", "人民日报", []),
            ("时间:2024年4月2日 来 源:人民日报 浏览次数:88次", "2024-04-02", 88, "", "人民日报", []),
            ("中国质量新闻网   2024-04-02 10:11", "2024-04-02T10:11", nil, "", "中国质量新闻网", []),
            ("lisi / 99人阅读", nil, 99, "", "", ["lisi"]),
            ("lisi / 2024-04-02 / 99次浏览", "2024-04-02", 99, "", "", ["lisi"]),
            ("王小明发表于2024-04-02 10:11", "2024-04-02T10:11", nil, "", "", ["王小明"]),
            ("2024/04/02 10:11", "2024-04-02T10:11", nil, "", "", []),
            ("April 2, 2024", "2024-04-02", nil, "", "", []), ("2 Apr 2024", "2024-04-02", nil, "", "", []),
            ("2024年04月02日10:11", "2024-04-02T10:11", nil, "", "", []),
            ("发布时间:2024年4月", "2024-04", nil, "", "", []), ("日期:2024年", "2024", nil, "", "", []),
        ] as [(String, String?, Int64?, String, String, [String])])
    func facts(line: String, time: String?, views: Int64?, editor: String, source: String, authors: [String]) throws {
        let article = try #require(try read("质量提升工作取得进展\n\n\(line)\n\n正文从这里开始,2023年1月1日不是它的时间。").main)
        #expect(article.title == "质量提升工作取得进展")
        #expect(article.published?.text == time)
        #expect(article.counts.views == views)
        #expect(article.editor == editor)
        #expect(article.source == source)
        #expect(article.authors == authors)
        #expect(article.paragraphs.count == 1)
    }

    @Test(
        "openings of reports name their people",
        arguments: [
            ("本报讯(记者 张三 李小四)今天到了。", ["张三", "李小四"], [], ""), ("本报讯 (通讯员 赵云 记者 钱多多)今天到了。", ["钱多多"], ["赵云"], ""),
            ("深圳特区报讯 (见习记者 周 正 通讯员 吴安、郑全)今天到了。", ["周正"], ["吴安", "郑全"], "深圳特区报"),
            ("新华社上海5月6日电(记者王明)今天到了。", ["王明"], [], "新华社"),
            ("福鼎新闻网讯(郑增良)今天到了。", [], ["郑增良"], "福鼎新闻网"), ("本报讯 今天到了。", [], [], ""), ("本报讯(图)今天到了。", [], [], ""),
            ("人民网北京5月6日电 (记者 欧阳修)今天到了。", ["欧阳修"], [], "人民网"), ("今天(5月6日)到了,记者看见。", [], [], ""),
        ] as [(String, [String], [String], String)])
    func bylines(line: String, reporters: [String], correspondents: [String], source: String) throws {
        let article = try #require(try read("质量提升工作取得进展\n\(line)\n第二段。").main)
        #expect(article.reporters == reporters)
        #expect(article.correspondents == correspondents)
        #expect(article.source == source)
        #expect(article.paragraphs == [line, "第二段。"])
    }

    @Test(
        "text without a head has no title and no time",
        arguments: [
            "3月4日,有关部门进行了验收。\n改造后变化明显。", "2024年3月4日,有关部门进行了验收。", "“甲”、“乙”……都是夸大的。\n记者调查了2023-01-02的30条。",
            "来源:新华社\n三次转型是怎么来的,有人问。",
        ])
    func untitled(text: String) throws {
        let article = try #require(try read(text).main)
        #expect(article.title == "")
        #expect(article.published == nil)
        #expect(!article.paragraphs.isEmpty)
    }

    @Test("breadcrumbs give the section, without levels that name none")
    func breadcrumbs() throws {
        let page = try read("当前位置: 首页 > 新闻 > > 国内新闻 > 正文\n\n质量提升工作取得进展\n\n2024-04-02 10:11\n\n正文。")
        #expect(page.breadcrumb == ["新闻", "国内新闻"])
        #expect(page.main?.channel == "国内新闻")
        #expect(page.main?.title == "质量提升工作取得进展")
    }

    @Test("a page of dated lines is a listing, with marks, months or at least three of them")
    func listings() throws {
        let english = try read("News\nMay 2020\n- May 3, 2020 - First (A)\n- May 1, 2020 - Second")
        #expect(english.title == "News")
        #expect(english.rows.map(\.title) == ["First (A)", "Second"])
        #expect(english.rows.map(\.languageCode) == ["en", "en"])
        let chinese = try read("公告\n关于甲的公告 2024-03-13\n关于乙的公告(2号) [2024-03-12]\n关于丙的公告 (2024-03-11)")
        #expect(chinese.rows.map(\.title) == ["关于甲的公告", "关于乙的公告(2号)", "关于丙的公告"])
        #expect(chinese.rows.map { $0.published?.text } == ["2024-03-13", "2024-03-12", "2024-03-11"])
        #expect(try read("大事记一览\n他在2024-03-13来了。\n- 2024-03-12 又来了").rows.isEmpty)
    }

    @Test("orders have a number, an issuer, a signature and its day")
    func orders() throws {
        let text = """
            药品召回管理办法
            文号
            (国务院令第29号)
            内容

              本办法自2007年12月10日起施行。

              总 理  李 明

              2007年12月9日

              第一条  为了加强监管,制定本办法。
            """
        let article = try #require(try read(text).main)
        #expect(article.title == "药品召回管理办法")
        #expect(article.source == "国务院")
        #expect(article.published?.text == "2007-12-09")
        #expect(article.facts.map(\.value) == ["国务院令第29号", "李明"])
        #expect(article.paragraphs == ["本办法自2007年12月10日起施行。", "第一条  为了加强监管,制定本办法。"])
    }

    @Test("what follows the text is left out; facts below it are taken")
    func endMatter() throws {
        let article = try #require(
            try read(
                "质量提升工作取得进展\n2024-04-02 10:11\n第一段。\n关键词:药品;监管,质量\n(责任编辑:王明)\n相关阅读\n别的文章标题\n上一篇:没有了\nCopyright 2024"
            ).main)
        #expect(article.paragraphs == ["第一段。"])
        #expect(article.labels == ["药品", "监管", "质量"])
        #expect(article.editor == "王明")
    }

    @Test(
        "the language is told by script",
        arguments: [("质量发展报告。", "zh-Hans"), ("質量發展報告。", "zh-Hant"), ("Quality report.", "en")])
    func languages(text: String, code: String) throws { #expect(try read(text).main?.languageCode == code) }
}

/// The labels that pages put in front of facts, in simplified characters.
enum Label {
    enum Role: Hashable {
        case published, updated
        case views, likes, favorites, tips, comments, shares
        case editor, source, author, reporter, correspondent, keywords, channel
        /// A fact of a document, which may stand between paragraphs.
        case document
        /// Any other fact; only where such facts are expected.
        case other
    }

    struct Match {
        var name: String
        var role: Role
        var range: Range<Int>
    }

    private static let names: [Role: [String]] = [
        .published: [
            "发布日期", "发布时间", "发表时间", "发表日期", "上传时间", "上传日期", "添加时间", "加入时间", "录入时间", "发稿时间", "刊登时间", "日期", "时间",
            "Published", "Posted", "Date",
        ],
        .updated: ["更新时间", "更新日期", "最后更新", "修改时间", "Updated"],
        .views: [
            "浏览次数", "浏览量", "浏览数", "浏览", "阅读次数", "阅读量", "阅读数", "阅读", "点击次数", "点击量", "点击数", "点击率", "点击", "查看次数", "查看数",
            "查看", "访问次数", "访问量", "人气", "Views",
        ],
        .likes: ["点赞数", "点赞"],
        .favorites: ["收藏数", "收藏"],
        .tips: ["打赏数", "打赏"],
        .comments: ["评论数", "评论次数", "评论", "回复数", "回复", "跟帖", "Comments"],
        .shares: ["分享数", "分享", "转发"],
        .editor: ["责任编辑", "责编", "编辑", "发布者", "发布人", "录入员", "录入", "上传者", "Editor"],
        .source: ["信息来源", "稿件来源", "文章来源", "内容来源", "新闻来源", "资料来源", "来源", "稿源", "出处", "来自", "转自", "Source"],
        .author: ["原作者", "文章作者", "作者", "撰文", "撰稿", "Author"],
        .reporter: ["本报记者", "记者"],
        .correspondent: ["特约通讯员", "通讯员"],
        .keywords: ["关键词", "关键字", "标签", "Tags", "Keywords"],
        .channel: ["所属栏目", "栏目", "频道", "所属分类", "分类"],
        .document: [
            "文号", "发文字号", "发文文号", "索引号", "颁发日期", "颁布日期", "颁发部门", "颁布单位", "生效日期", "实施日期", "施行日期", "发文日期", "成文日期",
            "印发日期", "发文机关", "发文单位", "主题词", "效力级别", "时效性", "有效性",
        ],
        .other: ["文档序号", "文档编号", "编号", "序号", "格式", "页数", "大小", "字号", "字体", "审核", "校对", "摄影", "版次", "ISBN"],
    ]

    /// By first character, the longest first.
    private static let table: [Unicode.Scalar: [(letters: [Unicode.Scalar], name: String, role: Role)]] = {
        var table: [Unicode.Scalar: [(letters: [Unicode.Scalar], name: String, role: Role)]] = [:]
        for (role, names) in names {
            for name in names {
                let letters = Array(name.unicodeScalars)
                table[letters[0], default: []].append((letters, name, role))
            }
        }
        return table.mapValues { $0.sorted { $0.letters.count > $1.letters.count } }
    }()

    /// The label at `index` with the colon behind it. Pages pad labels: `文  号:`, `来源 :`.
    static func match(_ text: Scalars, at index: Int) -> Match? {
        guard let entry = name(text, at: index) else { return nil }
        let colon = text.afterBlanks(entry.range.upperBound)
        guard colon < text.endIndex, text[colon] == ":" else { return nil }
        return Match(name: entry.name, role: entry.role, range: index..<colon + 1)
    }

    /// The label at `index` with or without a colon.
    static func name(_ text: Scalars, at index: Int) -> Match? {
        guard index < text.endIndex, let entries = table[text[index]] else { return nil }
        for (letters, name, role) in entries {
            var end = index
            var isWhole = true
            for (place, letter) in letters.enumerated() {
                let at = place == 0 || !letter.isHan ? end : text.afterBlanks(end)
                guard at < text.endIndex, text[at] == letter else {
                    isWhole = false
                    break
                }
                end = at + 1
            }
            if isWhole { return Match(name: name, role: role, range: index..<end) }
        }
        return nil
    }

    /// Every label with a colon, in order.
    static func matches(in text: Scalars) -> [Match] {
        guard text.contains(":") else { return [] }
        var found: [Match] = []
        var index = text.startIndex
        while index < text.endIndex {
            if let match = match(text, at: index) {
                found.append(match)
                index = match.range.upperBound
            } else {
                index += 1
            }
        }
        return found
    }
}

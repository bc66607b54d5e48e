/// Lines of a page that are not part of its article. All read folded text.
enum Furniture {
    // MARK: Around the article

    /// `分享好友 资讯首页 资讯分类 切换频道`: the menu of a DESTOON page names the section before 首页.
    static func channel(_ line: PageLine) -> String? {
        let text = line.folded
        guard isMenu(text) else { return nil }
        for item in text.pieces({ $0 == " " }) where item.ends(with: "首页") {
            var name = item.dropLast(2)
            if name.begins(with: "分享好友") { name = name.dropFirst(4) }
            return name.isEmpty ? "" : line.shown[name.indices].text
        }
        return ""
    }

    private static func isMenu(_ text: Scalars) -> Bool {
        text.count <= 80
            && (text.contains("切换频道") || (text.contains("分享好友") && (text.contains("首页") || text.contains("分类"))))
    }

    /// `您当前的位置:检测资讯 > 法规标准`; empty levels and those that name no section are left out.
    static func breadcrumb(_ line: PageLine) -> [String]? {
        let text = line.folded
        guard text.count <= 160 else { return nil }
        var start = text.startIndex
        let isSeparator = { (scalar: Unicode.Scalar) in ">»›→≫".unicodeScalars.contains(scalar) }
        if let range = text.range(of: "位置"), range.lowerBound - text.startIndex <= 8 {
            start = text.afterBlanks(range.upperBound)
            if start < text.endIndex, text[start] == "是" { start += 1 }
            guard start < text.endIndex, text[start] == ":" || isSeparator(text[start]) || text[start] == " " else {
                return nil
            }
            start += 1
        } else if !text.begins(with: "首页") && !text.begins(with: "Home") || !text.contains(where: isSeparator) {
            return nil
        }
        let skipped = ["首页", "主页", "正文", "详情", "详细内容", "查看内容", "内容", "阅读正文", "Home", "网站首页"]
        return text[start...].pieces(isSeparator)
            .filter { level in !skipped.contains { level.matches($0) } }
            .map { line.shown[$0.indices].text }
    }

    /// `Posts tagged with "FDA"`.
    static func tag(_ line: PageLine) -> String? {
        for opening in ["Posts tagged with", "Posts tagged", "Tag:", "Tag Archives:", "标签:", "标签归档:"]
        where line.folded.begins(with: opening) {
            let name = line.folded.dropFirst(opening.unicodeScalars.count)
                .trimmed { $0.isBlank || "\"'“”‘’".unicodeScalars.contains($0) }
            return name.isEmpty || name.count > 40 ? nil : line.shown[name.indices].text
        }
        return nil
    }

    private static let menuWords: Set<String> = [
        "x 广告", "广告", "APP下载", "下载APP", "分享", "分享到", "收藏", "打印", "关闭", "返回", "正文", "内容", "首页", "资讯", "举报", "点赞", "字号",
        "大 中 小",
        "分享到:", "资讯专栏INFORMATION COLUMN", "扫码阅读", "微信扫一扫", "加载更多", "点击加载更多", "展开全文", "阅读全文", "查看全文", "返回首页",
    ]

    /// A button or an advertisement, which may stand anywhere.
    static func isButton(_ line: PageLine) -> Bool { line.folded.count <= 24 && menuWords.contains(line.folded.text) }

    /// A button, an advertisement, a menu or an address block.
    static func isMenuLine(_ line: PageLine) -> Bool {
        let text = line.folded
        guard text.count <= 60 else { return false }
        if menuWords.contains(text.text) || text.ends(with: "INFORMATION COLUMN") { return true }
        if text.contains("首页"), text.contains(" "), !text.contains("。") { return true }
        if text.allSatisfy({ !$0.isHan && !$0.isLatinLetter }) { return true }  // A telephone number, a rule.
        return text.contains("@") && text.contains(".") && !text.contains("。")
    }

    // MARK: Behind the article

    private static let endings = [
        "最新评论", "网友评论", "更多相关评论", "更多评论", "相关评论", "发表评论", "全部评论", "热门评论", "相关阅读", "相关推荐", "推荐阅读", "延伸阅读", "相关新闻",
        "相关文章", "相关资讯", "相关报道", "相关链接", "热门推荐", "猜你喜欢", "上一篇", "下一篇", "上一条", "下一条", "版权声明", "免责声明", "友情链接", "返回顶部",
        "关于我们", "Related articles", "Related posts", "Leave a comment",
    ]

    /// The first line of what follows an article on its page: comments, other articles, the footer.
    static func isEnding(_ line: PageLine) -> Bool {
        let text = line.folded
        if text.begins(with: "Copyright") || text.begins(with: "©") || text.begins(with: "版权所有") { return true }
        if text.contains("备案号") || text.contains("ICP备") { return true }
        let bare = text.drop { "【[(".unicodeScalars.contains($0) }
        let isBracketed = bare.count < text.count
        for ending in endings where bare.begins(with: ending) {
            let rest = bare.dropFirst(ending.unicodeScalars.count)
            guard let next = rest.first else { return true }
            if ":】]) >".unicodeScalars.contains(next) || next.digit != nil { return true }
            if isBracketed { return true }
        }
        return false
    }

    /// `暂时没有评论,来说点什么吧`.
    static func isEmptyComments(_ line: PageLine) -> Bool {
        let text = line.folded
        return text.count <= 30
            && (text.begins(with: "暂时没有评论") || text.begins(with: "暂无评论") || text.begins(with: "还没有评论"))
    }

    /// `点赞 0`, `举报`: a button with its count, if it has one.
    static func engagement(_ line: PageLine) -> (role: Label.Role?, count: Int64?)? {
        let text = line.folded
        guard text.count <= 14 else { return nil }
        let buttons: [(String, Label.Role?)] = [
            ("点赞", .likes), ("举报", nil), ("收藏", .favorites), ("打赏", .tips), ("评论", .comments), ("分享", .shares),
            ("转发", .shares),
            ("反对", nil), ("点踩", nil),
        ]
        for (word, role) in buttons where text.begins(with: word) {
            let start = text.afterBlanks(text.startIndex + word.unicodeScalars.count)
            if start == text.endIndex { return (role, nil) }
            guard let (count, end) = Count.read(text, at: start), end == text.endIndex else { return nil }
            return (role, count)
        }
        return nil
    }

    // MARK: Inside the article

    /// `圖片由受訪者提供`, `(资料图)`.
    static func isCaption(_ line: PageLine) -> Bool {
        let text = line.folded.trimmed { "()[]".unicodeScalars.contains($0) }
        guard text.count <= 30, !text.contains("。") else { return false }
        if text.matches("资料图") || text.matches("资料图片") || text.matches("图片来源网络") { return true }
        let isPicture =
            text.begins(with: "图片由") || text.begins(with: "图由") || text.begins(with: "图片来源")
            || text.begins(with: "图片来自") || text.begins(with: "供图") || text.begins(with: "图为")
        return isPicture || (text.begins(with: "图") && (text.ends(with: "提供") || text.ends(with: "摄")))
    }

    /// `《中國質量報》` alone: the publication it was taken from.
    static func credit(_ line: PageLine) -> String? {
        let text = line.folded
        guard text.count <= 30, text.first == "《", text.last == "》", text.count > 2 else { return nil }
        let name = text.dropFirst().dropLast()
        guard !name.contains("《"), Organizations.isLikely(name) else { return nil }
        return line.shown[name.indices].text
    }
}

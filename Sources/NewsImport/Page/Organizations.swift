/// Words with which names of publishers end.
enum Organizations {
    private static let endings = [
        "报", "网", "社", "台", "局", "刊", "厅", "部", "委", "院", "会", "司", "办", "处", "所", "站", "府", "中心", "在线", "新闻", "公众号",
        "杂志",
        "传媒", "大学", "频道", "客户端", "论坛", "协会", "公司", "集团", "日报", "晚报", "之家", "资讯",
    ]

    /// A word for a publisher rather than a person. Reads folded text.
    static func isLikely(_ text: Scalars) -> Bool {
        guard let last = text.last, last.isHan else { return text.count > 1 && text.contains(".") }
        return text.count >= 3 && endings.contains { text.ends(with: $0) }
    }

    /// `(国家药典委员会,北京 100061)`: where writers work. Reads folded text with its brackets.
    static func isAddress(_ text: Scalars) -> Bool {
        let inside = text.trimmed { "() ".unicodeScalars.contains($0) }
        guard inside.count <= 200, !inside.contains("。") else { return false }
        return inside.pieces { ",;:".unicodeScalars.contains($0) }.contains(where: isLikely)
            || inside.suffix(6).allSatisfy { $0.digit != nil }
    }
}

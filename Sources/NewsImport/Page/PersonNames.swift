/// Chinese personal names. All read folded text and give ranges, to cut the text as shown.
enum PersonNames {
    private static let surnames = Set(
        """
        王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方\
        白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳\
        甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑\
        景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原\
        栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井巴漆隆竺束丰伏
        """.unicodeScalars.filter(\.isHan))

    private static let doubleSurnames = [
        "欧阳", "司马", "上官", "诸葛", "司徒", "皇甫", "尉迟", "公孙", "慕容", "令狐", "夏侯", "端木", "东方", "南宫", "闻人",
    ]

    /// One name: a surname and one or two characters, or parts joined by a dot as in 买买提·艾力.
    static func isName(_ text: Scalars) -> Bool {
        if text.contains("·") {
            let parts = text.split(separator: "·", omittingEmptySubsequences: false)
            return parts.allSatisfy { (1...8).contains($0.count) && $0.allSatisfy(\.isHan) }
        }
        guard text.allSatisfy(\.isHan), let first = text.first else { return false }
        if doubleSurnames.contains(where: { text.begins(with: $0) }) { return (3...4).contains(text.count) }
        return (2...3).contains(text.count) && surnames.contains(first)
    }

    /// Splits names at commas and spaces. Two single characters with a space between are one padded name, 丁 帥.
    static func split(_ text: Scalars, _ shown: Scalars) -> [String] {
        var names: [String] = []
        for group in text.pieces({ "、,;/|&".unicodeScalars.contains($0) }) {
            var words = group.pieces { $0 == " " }
            if words.count == 2, words.allSatisfy({ $0.count == 1 && $0.allSatisfy(\.isHan) }) {
                names.append(shown[words[0].indices].text + shown[words[1].indices].text)
                continue
            }
            if words.contains(where: { $0.contains { $0.isLatinLetter } }) { words = [group] }
            var index = 0
            while index < words.count {
                let word = words[index]
                if word.count == 1, index + 1 < words.count, words[index + 1].count == 1, word.allSatisfy(\.isHan) {
                    names.append(shown[word.indices].text + shown[words[index + 1].indices].text)
                    index += 2
                } else {
                    names.append(shown[word.indices].text)
                    index += 1
                }
            }
        }
        return names
    }

    /// A line of at least two names and nothing else; digits and stars behind them name institutions.
    static func list(_ line: PageLine) -> [String]? {
        guard line.folded.count <= 120, line.folded.contains(where: { " ,、;".unicodeScalars.contains($0) }) else {
            return nil
        }
        let isMark = { (scalar: Unicode.Scalar) in scalar.digit != nil || scalar == "*" || scalar == "#" }
        let kept = line.folded.indices.filter { !isMark(line.folded[$0]) }
        let folded = kept.map { line.folded[$0] }[...]
        let names = split(folded, kept.map { line.shown[$0] }[...])
        guard names.count >= 2 else { return nil }
        let plain = split(folded, folded).map { Array($0.unicodeScalars)[...] }
        return plain.allSatisfy(isName) ? names : nil
    }
}

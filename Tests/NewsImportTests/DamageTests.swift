import NewsImport
import TestKit
import Testing

/// Repairs one line below a title, so that it is text of an article.
private func repair(_ line: String) throws -> (text: String, issues: [CapturedIssue]) {
    let page = try read(line)
    let article = try #require(page.main)
    return (article.paragraphs.joined(separator: "\n"), article.issues)
}

@Suite("Repair of damaged pages")
struct DamageTests {
    @Test("damaging the repaired sample again gives the sample byte for byte")
    func sampleAgain() throws {
        let raw = String(decoding: try Fixture.sample(DamagedSampleTests.name + ".txt"), as: UTF8.self)
        var text = String(decoding: try Fixture.bytes("gold/\(DamagedSampleTests.name).repaired.txt"), as: UTF8.self)
        text = text.replacing("區’。”\n", with: "區’。”</p>\n")
        // These two are in the list and on the page only across two characters.
        let software = PageSoftware(readings: try readingsOfSample() + [("購", "gòu")], punctuation: "！？")
        #expect(Width.narrowed(software.damage(Width.widened(text))) == raw)
    }

    @Test(
        "glosses that straddle two characters are worked out, with the characters they shifted",
        arguments: [
            ("提供“全鏈?zhǔn)健奔夹g(shù)服務(wù)。", "提供“全鏈式”技術服務。"),
            ("工業(yè)百?gòu)?qiáng)企業(yè)。", "工業百強企業。"),
            ("中國日?qǐng)?bào)網(wǎng)報(bào)道。", "中國日報網報道。"),
            ("制藥公司考察??偨?jīng)理介紹。", "制藥公司考察。總經理介紹。"),
            ("生產(chǎn)情況??疾旖M強(qiáng)調。", "生產情況。考察組強調。"),
            ("是好的??傮w來(lái)講,不錯。", "是好的。總體來講,不錯。"),
            ("“兩者相同?!币晃唤咏麮FDA的人說。", "“兩者相同。”一位接近CFDA的人說。"),
            ("他說:“這是示范區(qū)’?!?/p>", "他說:“這是示范區’。”"),
        ])
    func straddles(damaged: String, text: String) throws {
        let found = try repair(damaged)
        #expect(found.text == text)
        let others = found.issues.filter { $0.kind != .gloss }
        #expect(!others.isEmpty && others.allSatisfy { $0.confidence == .derived })
    }

    @Test(
        "what can't be worked out is flagged and left",
        arguments: [
            "方案?！爸袊谐^4000人。", "同時報告(gào)談?wù)2024年。", "系統異?!?/p>", "基礎類型?;A(chǔ)類型是好的。", "文字\u{FFFD}\u{FFFD}丟失了。",
        ])
    func unrepairable(damaged: String) throws {
        let article = try #require(try read(damaged).main)
        let flagged = article.issues.filter { $0.confidence == .none }
        #expect(flagged.count == 1)
        let issue = try #require(flagged.first)
        #expect(issue.replacement == issue.raw)
        #expect(article.paragraphs.joined().contains(issue.raw))
    }

    @Test(
        "real text stays as it is",
        arguments: [
            "你去不去?真的嗎?!這是怎么了??可以說嗎?", "高港區(高新區)是(2021年)成立的。", "安徽亳(bó)州的藥市。", "咖啡(café)和茶(chá)都好喝。",
            "他(她)說:什么?;好。", "鏈接是 https://a.example/?q=1&b=2 這里。", "代碼 <rt id=\"k\"> 是標簽。", "(記者 王明)今天到了。",
        ])
    func intact(text: String) throws {
        let found = try repair(text)
        #expect(found.text == text)
        #expect(found.issues.isEmpty)
    }

    @Test(
        "glosses may have spaces inside or before them, and brackets may be empty",
        arguments: [
            ("這會(huì )帶來(lái)質(zhì)量風(fēng) 險,要應對。", "這會帶來質量風險,要應對。"), ("質(zhì)量風 (fēng)險會( )有的。", "質量風險會有的。"),
            ("質（zhì）量發(fā)展。", "質量發展。"), ("《關于質(zhì) 量的意見(jiàn)》,發(fā)布。", "《關于質 量的意見》,發布。"),
            ("記者 陳(chén) 琳 張(zhāng) 三 李四,報(bào)道。", "記者 陳 琳 張 三 李四,報道。"),
        ])
    func spaces(damaged: String, text: String) throws { #expect(try repair(damaged).text == text) }

    @Test("offsets count characters of the capture, whatever ends its lines", arguments: ["\n", "\r\n", "\r"])
    func offsets(ending: String) throws {
        let lines = ["\u{FEFF}質(zhì)量提升項(xiàng)目驗收", "", "𠮷野家的質(zhì)量很好。", "第二段發(fā)展。"]
        let article = try #require(try read(lines.joined(separator: ending)).main)
        let text = Array(lines.joined(separator: ending).unicodeScalars.dropFirst())
        #expect(article.issues.map(\.field) == ["title", "title", "body", "body"])
        for issue in article.issues {
            let raw = Array(issue.raw.unicodeScalars)
            #expect(Array(text[issue.offset..<issue.offset + raw.count]) == raw)
        }
        #expect(try article.applyingIssues() == ["質量提升項目驗收", "", "𠮷野家的質量很好。", "第二段發展。"].joined(separator: ending))
    }

    @Test("rests of tags around a line go, with a note")
    func tags() throws {
        let page = try read("標題一則消息\n<p>第一段說明。</p>\n第二段&nbsp;說明。<br/>\n<div id=\"k\"></div>\n第三段。")
        let article = try #require(page.main)
        #expect(article.paragraphs == ["第一段說明。", "第二段 說明。", "第三段。"])
        #expect(article.issues.map(\.kind) == Array(repeating: .markup, count: 5))
        #expect(article.issues.allSatisfy { $0.confidence == .certain })
    }

    @Test("other lists of characters give back the text, or a flag", arguments: 0..<40)
    func otherLists(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed) + 1)
        let text = String(decoding: try Fixture.bytes("gold/\(DamagedSampleTests.name).repaired.txt"), as: UTF8.self)
        let known = try readingsOfSample()
        // Some of the sample's characters, and some that it never glosses.
        let others: [(character: Unicode.Scalar, reading: String)] = [
            ("體", "tǐ"), ("藥", "yào"), ("試", "shì"), ("專", "zhuān"), ("請", "qǐng"), ("購", "gòu"), ("對", "duì"),
            ("應", "yīng"), ("時", "shí"), ("後", "hòu"), ("與", "yǔ"), ("總", "zǒng"), ("團", "tuán"), ("線", "xiàn"),
            ("紅", "hóng"),
        ]
        let list = (known + others).filter { _ in generator.next() % 2 == 0 }
        let lines = text.split(separator: "\n").map(String.init)
        let damaged = PageSoftware(readings: list).damage(Width.widened(lines.joined(separator: "</p>\n")))
        let damagedLines = Width.narrowed(damaged).split(separator: "\n").map(String.init)
        guard damagedLines.count == lines.count else { return }  // A straddle swallowed the end of a line.
        for (clean, line) in zip(lines, damagedLines).dropFirst(2).dropLast() {
            // A heading with glosses shows that they are not the author's.
            let article = try #require(try read("發(fā)展的質(zhì)量問題\n\n" + line).main)
            if article.issues.contains(where: { $0.confidence == .none }) { continue }
            #expect(article.paragraphs == [clean])
        }
    }
}

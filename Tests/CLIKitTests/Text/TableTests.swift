import CLIKit
import Testing

@Suite("Tables") struct TableTests {
    private let columns = [
        Table.Column(title: "date"), Table.Column(title: "views", isNumber: true),
        Table.Column(title: "source", narrowest: 6), Table.Column(title: "title", narrowest: 10),
    ]
    private let rows = [
        ["2026-03-05", "62", "浙江省药监局", "国家药监局召开创新合作平台工作推进会"], ["2026-02-27", "1058", "-", "CT引导穿刺手术定位系统获批上市"],
        ["-", "-", "中国質量報", "e\u{301}tude 😀"],
    ]

    private func table(limit: Int?) -> [String] {
        Table(columns: columns, width: DisplayWidth(), limit: limit, mark: "…").lines(rows)
    }

    /// Columns of the screen at which each of the texts begins in its line.
    private func starts(of texts: [String], in lines: [String]) -> [Int] {
        zip(texts, lines).map { text, line in
            guard let range = line.firstRange(of: text) else { return -1 }
            return DisplayWidth().columns(of: line[..<range.lowerBound])
        }
    }

    @Test("line up by columns of the screen, numbers at their end")
    func alignment() {
        let lines = table(limit: nil)
        #expect(
            lines == [
                "DATE        VIEWS  SOURCE        TITLE",
                "2026-03-05     62  浙江省药监局  国家药监局召开创新合作平台工作推进会",
                "2026-02-27   1058  -             CT引导穿刺手术定位系统获批上市",
                "-               -  中国質量報    e\u{301}tude 😀",
            ])
        #expect(starts(of: ["TITLE", "国家", "CT", "e\u{301}tude"], in: lines) == [33, 33, 33, 33])
        #expect(starts(of: ["SOURCE", "浙江", "-  ", "中国"], in: Array(lines)) == [19, 19, 19, 19])
    }

    @Test("give up room where there is most, and mark what is cut")
    func fitting() {
        let lines = table(limit: 52)
        #expect(lines.allSatisfy { DisplayWidth().columns(of: $0) <= 52 })
        #expect(lines[1] == "2026-03-05     62  浙江省药监局  国家药监局召开创新…")
        #expect(starts(of: ["TITLE", "国家", "CT", "e\u{301}tude"], in: lines) == [33, 33, 33, 33])
    }

    @Test("narrow every column that may be, and cut the line when that is not enough")
    func narrowest() {
        let lines = table(limit: 30)
        #expect(lines.allSatisfy { DisplayWidth().columns(of: $0) <= 30 })
        #expect(lines[1].hasPrefix("2026-03-05     62  浙江…"))
    }

    @Test("have no spaces at the end of a line")
    func trailing() {
        #expect(table(limit: nil).allSatisfy { !$0.hasSuffix(" ") })
    }
}

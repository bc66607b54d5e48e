import NewsModel
import Testing

@Suite("A layout of shards") struct ShardLayoutTests {
    @Test("is read from what it is written as, in files and as a number")
    func forms() throws {
        var codes: Set<Int> = []
        for length in PeriodLength.allCases {
            for count in ShardLayout.slotCounts {
                let layout = try #require(ShardLayout(length, slots: count))
                #expect(ShardLayout(words: layout.fileText.split(separator: " ")) == layout)
                #expect(layout.code < 1 << ShardLayout.codeBitCount)
                // Whatever stands before its bits.
                #expect(ShardLayout(code: layout.code | 5 << ShardLayout.codeBitCount) == layout)
                codes.insert(layout.code)
            }
        }
        #expect(codes.count == 48)
        #expect(ShardLayout(.month).fileText == "month" && "\(ShardLayout(.month))" == "month")
        #expect(ShardLayout(.year, slots: 4)?.fileText == "year 4")
        #expect(ShardLayout(.year, slots: 4)?.description == "year in 4 slots")
    }

    @Test("has 1 to 16 slots, and one text", arguments: ["", "week", "month 1", "month 0", "month 17", "month 2 2"])
    func bounds(text: String) {
        #expect(ShardLayout(words: text.split(separator: " ")) == nil)
        #expect(ShardLayout(.month, slots: 0) == nil && ShardLayout(.month, slots: 17) == nil)
    }
}

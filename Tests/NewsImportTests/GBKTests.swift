import NewsImport
import Testing

@Suite("The table of GBK")
struct GBKTests {
    @Test(
        "holds the characters by which the damage was worked out",
        arguments: [
            ("全", 0xC8AB), ("鏈", 0xE69C), ("式", 0xCABD), ("技", 0xBCBC), ("術", 0xD067), ("準", 0x9CCA), ("百", 0xB0D9),
            ("強", 0x8F8A), ("購", 0xD98F),
            ("。", 0xA1A3), ("”", 0xA1B1), ("！", 0xA3A1), ("？", 0xA3BF), ("ì", 0xA8AC), ("麮", 0xFC43), ("總", 0xBF82),
        ])
    func known(text: String, code: Int) throws {
        let scalar = try #require(text.unicodeScalars.first)
        let pair = try #require(GBK.pair(scalar))
        #expect(Int(pair.lead) << 8 | Int(pair.trail) == code)
        #expect(GBK.scalar(lead: pair.lead, trail: pair.trail) == scalar)
    }

    @Test("reads back what it writes, over the whole plane")
    func roundTrip() throws {
        var count = 0
        for lead in UInt8(0)...255 {
            for trail in UInt8(0)...255 {
                guard let scalar = GBK.scalar(lead: lead, trail: trail) else { continue }
                count += 1
                #expect(GBK.pair(scalar) == GBK.Pair(lead: lead, trail: trail))
                #expect(0x81...0xFE ~= lead && 0x40...0xFE ~= trail && trail != 0x7F)
            }
        }
        #expect(count == 21_791)
    }

    @Test(
        "has no place for ASCII, the user's area and characters beyond the basic plane",
        arguments: ["A", "\u{E000}", "𠮷", "한"])
    func absent(text: String) throws { #expect(GBK.pair(try #require(text.unicodeScalars.first)) == nil) }
}

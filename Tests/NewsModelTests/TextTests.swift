import NewsModel
import Testing

@Suite struct CountTextTests {
    @Test("One thing is named in the singular, any other number in the plural")
    func plural() {
        #expect(CountText.text(1, "shard") == "1 shard")
        #expect(CountText.text(0, "shard") == "0 shards")
        #expect(CountText.text(12, "entry", many: "entries") == "12 entries")
        #expect(CountText.text(Int64(1), "entry", many: "entries") == "1 entry")
    }
}

@Suite struct ByteCountTests {
    @Test(
        "Bytes are read with and without a unit",
        arguments: [("1", 1), ("65536", 65536), ("512KiB", 512 << 10), ("20MiB", 20 << 20), ("3GiB", 3 << 30)])
    func reading(_ text: String, _ value: Int) {
        #expect(ByteCount(text) == ByteCount(value))
    }

    @Test(
        "What is no number of bytes is refused",
        arguments: ["", "0", "-1", "KiB", "0KiB", "1.5MiB", "1 MiB", "1mib", "1MB", "9223372036854775807KiB", "٣"])
    func refusal(_ text: String) {
        #expect(ByteCount(text) == nil)
    }

    @Test("Bytes are written in the largest unit that leaves nothing over, as they can be read again")
    func writing() {
        for (value, text) in [(1, "1"), (1025, "1025"), (1 << 10, "1KiB"), (1536 << 10, "1536KiB"), (1 << 30, "1GiB")] {
            #expect(ByteCount(value).description == text)
            #expect(ByteCount(text)?.value == value)
        }
    }
}

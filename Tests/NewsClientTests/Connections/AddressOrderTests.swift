import EventLoops
import NewsClient
import Testing

@Suite("Order of addresses") struct AddressOrderTests {
    private func addresses(_ texts: [String]) throws -> [SocketAddress] { try texts.map(SocketAddress.init(parsing:)) }

    @Test(
        "families take turns, beginning with that of the first",
        arguments: [
            (["[::1]:1", "[::2]:1", "[::3]:1", "10.0.0.1:1"], ["[::1]:1", "10.0.0.1:1", "[::2]:1", "[::3]:1"]),
            (["10.0.0.1:1", "10.0.0.2:1", "[::1]:1"], ["10.0.0.1:1", "[::1]:1", "10.0.0.2:1"]),
            (["10.0.0.1:1", "10.0.0.2:1"], ["10.0.0.1:1", "10.0.0.2:1"]), ([], []),
        ] as [([String], [String])])
    func interleaved(given: [String], expected: [String]) throws {
        #expect(AddressOrder.interleaved(try addresses(given)) == (try addresses(expected)))
    }

    @Test("an address that is there twice is tried once")
    func twice() throws {
        let given = try addresses(["10.0.0.1:1", "[::1]:1", "10.0.0.1:1", "[::1]:1"])
        #expect(AddressOrder.interleaved(given) == Array(given.prefix(2)))
    }
}

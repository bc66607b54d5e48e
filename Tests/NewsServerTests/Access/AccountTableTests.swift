import Access
import EventLoops
import Testing

@testable import NewsServer

@Suite("Accounts of callers") struct AccountTableTests {
    private func key(_ number: Int) -> AccountTable.Key {
        .address(.ipv4(IPv4Address(rawValue: UInt32(number))))
    }

    @Test("one caller has one account, for as long as a connection uses it")
    func shared() throws {
        let table = AccountTable(idleMax: 10)
        let first = try #require(table.take(key(1)))
        let second = try #require(table.take(key(1)))
        #expect(first === second)
        #expect(table.take(key(2)) !== first)
        table.giveBack(key(1), now: 0)
        table.giveBack(key(2), now: 0)
        #expect(table.count == 1)
        table.giveBack(key(1), now: 0)
        #expect(table.count == 0)
    }

    @Test("no more connections use it than may")
    func holders() throws {
        let table = AccountTable(idleMax: 10)
        for _ in 0..<3 { #expect(table.take(key(1), holderMax: 3) != nil) }
        #expect(table.take(key(1), holderMax: 3) == nil)
        table.giveBack(key(1), now: 0)
        #expect(table.take(key(1), holderMax: 3) != nil)
    }

    @Test("a bucket that is not full is remembered, so that connecting again begins no new burst")
    func remembered() throws {
        let table = AccountTable(idleMax: 10)
        let pace = CallPace(perSecond: 1, burst: 1)
        #expect(try #require(table.take(key(1))).pace(pace, now: 0) == nil)
        table.giveBack(key(1), now: 1)
        #expect(table.count == 1)
        #expect(try #require(table.take(key(1))).pace(pace, now: 1) == 999_999_999)
        table.giveBack(key(1), now: 1_000_000_000)
        #expect(table.count == 0)
    }

    @Test("callers that come once and never again do not fill the memory")
    func bounded() throws {
        let table = AccountTable(idleMax: 100)
        let pace = CallPace(perSecond: 1, burst: 1)
        let busy = try #require(table.take(.caller("busy")))
        #expect(busy.beginCall(max: 1))
        table.giveBack(.caller("busy"), now: 0)
        let held = try #require(table.take(.caller("held")))
        for number in 0..<10_000 {
            _ = try #require(table.take(key(number))).pace(pace, now: 0)
            table.giveBack(key(number), now: 0)
            #expect(table.count <= 103)
        }
        // What is in use stays.
        #expect(table.take(.caller("busy")) === busy && table.take(.caller("held")) === held)
    }

    @Test("addresses are told apart by IPv4 address and by network of IPv6; a unix socket has none")
    func addresses() throws {
        func key(_ text: String) throws -> AddressKey? { AddressKey(try SocketAddress(parsing: text)) }
        #expect(try key("127.0.0.1:1") == key("127.0.0.1:2"))
        #expect(try key("127.0.0.1:1") != key("127.0.0.2:1"))
        #expect(try key("[::ffff:127.0.0.1]:1") == key("127.0.0.1:1"))
        #expect(try key("[2001:db8::1]:1") == key("[2001:db8::2]:1"))
        #expect(try key("[2001:db8:0:1::1]:1") != key("[2001:db8::1]:1"))
        #expect(try key("unix:/a") == nil)
    }
}

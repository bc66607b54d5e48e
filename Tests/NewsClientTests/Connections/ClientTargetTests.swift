import EventLoops
import NewsClient
import Testing

@Suite("Targets") struct ClientTargetTests {
    @Test(
        "are addresses, with the first as authority",
        arguments: [
            ("127.0.0.1:50051", ["127.0.0.1:50051"], "127.0.0.1:50051"), ("[::1]:1", ["[::1]:1"], "[::1]:1"),
            ("dns:127.0.0.1:1", ["127.0.0.1:1"], "127.0.0.1:1"), ("dns:///[::1]:1", ["[::1]:1"], "[::1]:1"),
            ("ipv4:10.0.0.1:1,10.0.0.2:2", ["10.0.0.1:1", "10.0.0.2:2"], "10.0.0.1:1"),
            ("ipv6:[::1]:1,[fd00::2]:2", ["[::1]:1", "[fd00::2]:2"], "[::1]:1"),
            ("unix:/run/x.sock", ["unix:/run/x.sock"], "localhost"),
            ("unix:///run/x.sock", ["unix:/run/x.sock"], "localhost"), ("unix:x.sock", ["unix:x.sock"], "localhost"),
        ] as [(String, [String], String)])
    func addresses(text: String, addresses: [String], authority: String) throws {
        let target = try ClientTarget(text)
        #expect(target.place == .addresses(try addresses.map(SocketAddress.init(parsing:))))
        #expect(target.authority == authority)
    }

    @Test(
        "are names to be looked up",
        arguments: [
            ("news.example.com:50051", "news.example.com:50051"), ("localhost:1", "localhost:1"),
            ("dns:localhost:1", "localhost:1"), ("dns:///localhost:1", "localhost:1"), ("dns:53", "dns:53"),
            ("ipv4:50051", "ipv4:50051"),
        ])
    func names(text: String, name: String) throws {
        let target = try ClientTarget(text)
        #expect(target.place == .name(name))
        #expect(target.authority == name)
    }

    @Test("leave the zone of an address out of the authority")
    func scope() throws {
        let target = try ClientTarget("[fe80::1%lo]:50051")
        #expect(target.authority == "[fe80::1]:50051")
    }

    @Test(
        "that cannot be are refused with what is wrong",
        arguments: [
            ("", "port"), ("localhost", "port"), ("a:b", "port \"b\""), ("unix:", "path"), ("::1:50051", "brackets"),
            ("host:70000", "port"), ("dns://8.8.8.8/host:1", "name server"), ("ipv4:10.0.0.1:1,", "port"),
            ("ipv4:[::1]:1", "not one of IPv4"), ("ipv6:10.0.0.1:1", "not one of IPv6"),
            ("ipv4:host:1", "not an IP address"),
        ])
    func refused(text: String, cause: String) {
        do throws(RPCError) {
            _ = try ClientTarget(text)
            Issue.record("\(text) was taken")
        } catch {
            #expect(error.code == .invalidArgument)
            #expect(error.origin == .notConnected)
            #expect(error.message.contains(cause), "\(error.message)")
        }
    }
}

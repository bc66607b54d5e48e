import EventLoops
import Testing

@Suite("Socket addresses") struct SocketAddressTests {
    @Test(
        "are written as they are read",
        arguments: [
            "127.0.0.1:50051", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:50051", "[::]:0",
            "[2001:db8::ff00:42:8329]:1",
            "[::ffff:192.0.2.1]:80", "unix:/run/newsrpc.sock", "unix:relative.sock",
        ])
    func roundTrip(text: String) throws {
        #expect(try SocketAddress(parsing: text).description == text)
    }

    @Test("take a unix path in the form of a URI")
    func uri() throws {
        #expect(try SocketAddress(parsing: "unix:///run/a.sock") == .unix(path: "/run/a.sock"))
    }

    @Test(
        "name the part at fault",
        arguments: [
            ("127.0.0.1", .missingPort("127.0.0.1")),
            ("[::1]", .missingPort("[::1]")),
            ("::1:50051", .missingBrackets("::1:50051")),
            ("[::1:50051", .missingPort("[::1:50051")),
            (":50051", .emptyHost(":50051")),
            ("[]:50051", .emptyHost("[]:50051")),
            ("127.0.0.1:", .badPort("")),
            ("127.0.0.1:65536", .badPort("65536")),
            ("127.0.0.1:+1", .badPort("+1")),
            ("127.0.0.1:http", .badPort("http")),
            ("localhost:50051", .notAnIPAddress(host: "localhost")),
            ("127.0.0.256:1", .notAnIPAddress(host: "127.0.0.256")),
            ("127.1:1", .notAnIPAddress(host: "127.1")),
            ("unix:", .emptyPath),
            ("unix:/a\u{0}b", .pathHasNUL),
            ("unix:/" + String(repeating: "a", count: 107), .pathTooLong(byteCount: 108)),
        ] as [(String, AddressError)])
    func refused(text: String, expected: AddressError) {
        let error = #expect(throws: AddressError.self) { try SocketAddress(parsing: text) }
        #expect(error == expected)
    }

    @Test("resolve to themselves when they are numbers, without asking a name service")
    func numeric() throws {
        #expect(try SocketAddress.resolve("127.0.0.1:7") == [.ipv4(.loopback, port: 7)])
        #expect(try SocketAddress.resolve("[::1]:7") == [.ipv6(.loopback, port: 7)])
        #expect(try SocketAddress.resolve("unix:/a") == [.unix(path: "/a")])
    }

    @Test("resolve localhost to the loopback addresses")
    func localhost() throws {
        let addresses = try SocketAddress.resolve("localhost:50051")
        #expect(!addresses.isEmpty)
        #expect(
            addresses.allSatisfy { $0 == .ipv4(.loopback, port: 50051) || $0 == .ipv6(.loopback, port: 50051) })
    }

    @Test("name the host that nobody knows")
    func unknownHost() {
        // RFC 6761: names below .invalid never exist.
        let error = #expect(throws: AddressError.self) { try SocketAddress.resolve("news.invalid:1") }
        guard case .unknownHost("news.invalid", _) = error else {
            Issue.record("wrong error: \(String(describing: error))")
            return
        }
    }

    @Test("say in a sentence what is wrong")
    func sentences() {
        #expect(AddressError.badPort("http").description == "port \"http\": must be a number from 0 to 65535")
    }
}

import EventLoops
import NewsServer
import Testing

@Suite("Where a server may listen") struct ListenPolicyTests {
    @Test(
        "without TLS and tokens: on this machine only",
        arguments: [
            ("127.0.0.1:1", true), ("127.8.9.10:1", true), ("[::1]:1", true), ("[::ffff:127.0.0.1]:1", true),
            ("unix:/run/a", true), ("0.0.0.0:1", false), ("[::]:1", false), ("192.0.2.1:1", false),
            ("[2001:db8::1]:1", false), ("[::ffff:192.0.2.1]:1", false), ("126.255.255.255:1", false),
            ("128.0.0.1:1", false),
        ])
    func addresses(text: String, isAllowed: Bool) throws {
        let objection = ListenPolicy().objection(to: try SocketAddress(parsing: text))
        #expect((objection == nil) == isAllowed)
        if let objection { #expect(objection.hasPrefix(text) && objection.contains("--insecure-listen")) }
    }

    @Test("elsewhere with both, or when it is said in full words", arguments: [false, true], [false, true])
    func conditions(hasTLS: Bool, knowsCallers: Bool) throws {
        var policy = ListenPolicy()
        policy.hasTLS = hasTLS
        policy.knowsCallers = knowsCallers
        let everywhere = try SocketAddress(parsing: "0.0.0.0:50051")
        #expect((policy.objection(to: everywhere) == nil) == (hasTLS && knowsCallers))
        policy.isWaived = true
        #expect(policy.objection(to: everywhere) == nil)
    }
}

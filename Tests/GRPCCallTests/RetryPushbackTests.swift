import GRPCCall
import GRPCWire
import Testing

@Suite("grpc-retry-pushback-ms") struct RetryPushbackTests {
    @Test(
        "D22: a number that is not negative is a pause, anything else says stop",
        arguments: [
            ("0", .after(milliseconds: 0)), ("25", .after(milliseconds: 25)),
            ("2147483647", .after(milliseconds: 2_147_483_647)), ("2147483648", .stop), ("-1", .stop), ("", .stop),
            ("soon", .stop), ("1.5", .stop), (" 1", .stop), ("99999999999", .stop),
        ] as [(String, RetryPushback)])
    func reads(text: String, pushback: RetryPushback) {
        #expect(RetryPushback(parsing: Array(text.utf8).span) == pushback)
    }

    @Test("D22: comes with the status, in trailers and in Trailers-Only")
    func comesWithStatus() {
        let fields = ["grpc-status": "14", "grpc-retry-pushback-ms": "7", "x-why": "full"]
        let steps: [[ResponseStep]] = [
            [.head(responseHead.merging(fields) { $1 }, ends: true)], [.head(responseHead), .trailers(fields)],
        ]
        for steps in steps {
            var call = ClientCall(kind: .unary, limits: ClientCallLimits())
            let ending = call.play(steps).ending
            #expect(ending?.pushback == .after(milliseconds: 7))
            #expect(ending?.metadata.text("x-why") == "full")
        }
    }
}

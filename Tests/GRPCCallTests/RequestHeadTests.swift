import GRPCCall
import GRPCWire
import Testing

@Suite("The header section of a request") struct RequestHeadTests {
    @Test("A1: a well-formed section calls the method of its path")
    func wellFormed() {
        #expect(call().verdict == .call(method: 0))
        #expect(call([":path": "/test.v1.Echo/Chat"]).verdict == .call(method: 1))
    }

    @Test(
        "A2: another content-type is answered by HTTP 415",
        arguments: ["text/plain", "application/json", "application/grpcfoo", "application/grpc-web", ""])
    func otherContentType(value: String) {
        #expect(call(["content-type": value]).verdict == .refuseHTTP(status: 415))
    }

    @Test("A2: an absent content-type is answered by HTTP 415")
    func noContentType() {
        #expect(call(["content-type": nil as String?]).verdict == .refuseHTTP(status: 415))
    }

    @Test(
        "A3: application/grpc with +proto or parameters is taken",
        arguments: ["application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8"])
    func contentType(value: String) { #expect(call(["content-type": value]).verdict == .call(method: 0)) }

    @Test("A4: another codec is UNIMPLEMENTED, never decoded as protobuf", arguments: ["json", "unknown"])
    func otherCodec(codec: String) {
        #expect(call(["content-type": "application/grpc+" + codec]).verdict.code == .unimplemented)
    }

    @Test("A5: a missing te is accepted")
    func noTE() { #expect(call(["te": nil as String?]).verdict == .call(method: 0)) }

    @Test("A7: a method other than POST is answered by HTTP 405", arguments: ["GET", "PUT", "OPTIONS", "post"])
    func notPost(method: String) { #expect(call([":method": method]).verdict == .refuseHTTP(status: 405)) }

    @Test(
        "A8: an unknown path is UNIMPLEMENTED",
        arguments: [
            "/", "", "/test.v1.Echo", "/test.v1.Echo/", "/test.v1.Echo/Say/", "/test.v1.Echo/Say?x=1",
            "/test.v1.Echo/say", "/test.v1.Other/Say", "test.v1.Echo/Say", "*",
        ])
    func unknownPath(path: String) { #expect(call([":path": path]).verdict.code == .unimplemented) }

    @Test(
        "A10: every unit of grpc-timeout is read exactly",
        arguments: [
            ("1H", 3_600_000_000_000), ("2M", 120_000_000_000), ("3S", 3_000_000_000), ("4m", 4_000_000), ("5u", 5_000),
            ("6000n", 6_000), ("00000001S", 1_000_000_000), ("99999999S", 99_999_999_000_000_000),
        ] as [(String, Int64)])
    func timeout(value: String, nanoseconds: Int64) {
        let (call, verdict) = call(["grpc-timeout": value])
        #expect(verdict == .call(method: 0))
        #expect(call.head.timeout == nanoseconds)
    }

    @Test("A10: the longest timeout is no deadline")
    func longestTimeout() {
        let (call, verdict) = call(["grpc-timeout": "99999999H"])
        #expect(verdict == .call(method: 0))
        #expect(call.head.timeout == nil)
    }

    @Test(
        "A11: a grpc-timeout that cannot be read is INTERNAL",
        arguments: ["", "abc", "1X", "1", " 5S", "-1S", "123456789S", "S"])
    func badTimeout(value: String) { #expect(call(["grpc-timeout": value]).verdict.code == .internalError) }

    @Test(
        "A12: a deadline that has passed is DEADLINE_EXCEEDED at once",
        arguments: ["0S", "0n", "00000000H", "1n", "999n"])
    func noTime(value: String) { #expect(call(["grpc-timeout": value]).verdict.code == .deadlineExceeded) }

    @Test("A13: the last of two fields counts")
    func duplicates() {
        let call = HeldCall()
        call.begin()
        for (name, value) in goodFields + [("grpc-timeout", "1S"), ("grpc-timeout", "2S")] {
            call.field(
                name: Array(name.utf8).span, value: Array(value.utf8).span, routing: routing, limits: CallLimits())
        }
        #expect(call.fieldsEnded(routing: routing, limits: CallLimits()) == .call(method: 0))
        #expect(call.head.timeout == 2_000_000_000)
    }

    /// Limits of a server whose handlers look at metadata.
    private var keeping: CallLimits {
        var limits = CallLimits()
        limits.keepsMetadata = true
        return limits
    }

    @Test("A15: text with bytes above 0x7F is delivered as it came, or passed over", arguments: [true, false])
    func highBytes(isKept: Bool) {
        let call = HeldCall()
        call.begin()
        let raw: [UInt8] = [0x80, 0xFF, 0x41]
        let limits = isKept ? keeping : CallLimits()
        for (name, value) in goodFields {
            call.field(name: Array(name.utf8).span, value: Array(value.utf8).span, routing: routing, limits: limits)
        }
        call.field(name: Array("x-raw".utf8).span, value: raw.span, routing: routing, limits: limits)
        #expect(call.head.metadata.fields.map(\.value) == (isKept ? [raw] : []))
        #expect(call.fieldsEnded(routing: routing, limits: limits) == .call(method: 0))
    }

    @Test("A16: binary metadata is decoded padded, unpadded and joined by commas")
    func binary() {
        let (call, verdict) = call(["x-data-bin": "AQI=,AwQ"], limits: keeping)
        #expect(verdict == .call(method: 0))
        #expect(call.head.metadata.fields.map(\.value) == [[1, 2], [3, 4]])
    }

    @Test("metadata that nobody wants is not kept")
    func unwanted() {
        let (call, verdict) = call(["x-data-bin": "AQI=,AwQ", "x-text": "value"])
        #expect(verdict == .call(method: 0))
        #expect(call.head.metadata.isEmpty)
    }

    @Test("A17: binary metadata that is not base64 is INTERNAL and names the field", arguments: [true, false])
    func badBinary(isKept: Bool) throws {
        guard case .refuse(let status) = call(["x-data-bin": "*?*"], limits: isKept ? keeping : CallLimits()).verdict
        else {
            Issue.record("was not refused")
            return
        }
        #expect(status.code == .internalError)
        #expect(status.message.contains("x-data-bin"))
    }

    @Test("B15: what a caller accepts is read where replies are compressed, and passed over elsewhere")
    func accepted() {
        var limits = CallLimits()
        #expect(call(["grpc-accept-encoding": "gzip"], limits: limits).call.head.accepted.best == .identity)
        limits.compressedReplyMin = 1000
        #expect(call(["grpc-accept-encoding": "gzip"], limits: limits).call.head.accepted.best == .gzip)
        #expect(call(limits: limits).call.head.accepted.best == .identity)
    }

    @Test("A18: a section above the limit is RESOURCE_EXHAUSTED, one at the limit is taken")
    func headerList() {
        var limits = CallLimits()
        limits.headerListMax = goodFields.reduce(0) { $0 + $1.0.utf8.count + $1.1.utf8.count + 32 } + 32 + 5 + 100
        #expect(call(["x-big": String(repeating: "a", count: 100)], limits: limits).verdict == .call(method: 0))
        #expect(
            call(["x-big": String(repeating: "a", count: 101)], limits: limits).verdict.code == .resourceExhausted)
    }

    @Test("gRPC's own fields are not metadata")
    func ownFields() {
        let (call, _) = call(
            [
                "grpc-timeout": "1S", "grpc-accept-encoding": "gzip", "user-agent": "test", "x-mine": "yes",
            ], limits: keeping)
        #expect(call.head.metadata.fields.map(\.name) == ["x-mine"])
    }
}

import GRPCCall
import GRPCWire
import Testing

private let gzipHead = responseHead.merging(["grpc-encoding": "gzip"]) { $1 }

/// So many zeros, compressed, with their prefix.
private func compressed(_ count: Int) -> [UInt8] {
    let zeros = [UInt8](repeating: 0, count: count)
    return MessagePrefix.framed(MessageCompression().compressed(zeros.span, .gzip), isCompressed: true) ?? []
}

@Suite("A client's call whose peer is wrong") struct ClientCallFaultTests {
    @Test(
        "D1: an HTTP status without grpc-status is mapped",
        arguments: [
            (400, .internalError), (401, .unauthenticated), (403, .permissionDenied), (404, .unimplemented),
            (429, .unavailable), (502, .unavailable), (503, .unavailable), (504, .unavailable), (500, .unknown),
            (302, .unknown), (204, .unknown),
        ] as [(Int, StatusCode)])
    func httpStatus(status: Int, code: StatusCode) {
        let head = [":status": "\(status)", "content-type": "text/html"]
        for steps in [[.head(head, ends: true)], [.head(head), .data(Array("no".utf8)), .end]] as [[ResponseStep]] {
            let played = play(steps)
            #expect(played.endings.count == 1)
            #expect(played.ending?.status.code == code)
            #expect(played.ending?.status.message.contains("HTTP status \(status), content-type \"text/html\"") == true)
        }
    }

    @Test("D1: grpc-status is used even then")
    func httpStatusWithStatus() {
        let fields = ["grpc-status": "7", "grpc-message": "not you"]
        let only = play([.head([":status": "503"].merging(fields) { $1 }, ends: true)])
        #expect(only.ending?.status == Status(.permissionDenied, "not you"))
        let after = play([.head([":status": "503"]), .data(Array("no".utf8)), .trailers(fields)])
        #expect(after.ending?.status == Status(.permissionDenied, "not you"))
    }

    @Test("D2: another content-type is UNKNOWN and shows the beginning of the body", arguments: [nil, "text/plain"])
    func contentType(type: String?) {
        var head = [":status": "200"]
        head["content-type"] = type
        let status = play([.head(head), .data(Array("<html>".utf8)), .trailers(okTrailers)]).ending?.status
        #expect(status?.code == .unknown)
        #expect(status?.message.hasSuffix(": <html>") == true)
    }

    @Test("D2: a body without end is not waited for")
    func endlessBody() {
        let played = play([.head([":status": "200"]), .data(Array(repeating: 0x61, count: 300))])
        #expect(played.ending?.status.code == .unknown)
        #expect(played.ending?.reset == .cancel)
        #expect(played.ending?.status.message.utf8.count ?? 0 < 400)
    }

    @Test(
        "D3: an end without grpc-status is UNKNOWN",
        arguments: [
            [.head(responseHead, ends: true)], [.head(responseHead), .data(message("abc")), .end],
            [.head(responseHead), .data(message("abc")), .trailers([:])],
            [.head(responseHead), .data(message("abc")), .trailers(["x": "y"])],
        ] as [[ResponseStep]])
    func noStatus(steps: [ResponseStep]) {
        let status = Status(.unknown, "the response ended without grpc-status")
        var ending = ClientCallEnding(status, .server)
        if case .trailers(let fields) = steps.last, !fields.isEmpty {
            #expect(throws: Never.self) { try ending.metadata.add("x", text: "y") }
        }
        #expect(play(steps).endings == [ending])
    }

    @Test(
        "D4: an unreadable grpc-status is UNKNOWN, an unknown number is kept",
        arguments: [
            (["grpc-status": "abc"], Status(.unknown, "the server sent grpc-status \"abc\"")),
            (["grpc-status": "", "grpc-message": "m"], Status(.unknown, "the server sent grpc-status \"\": m")),
            (["grpc-status": "99", "grpc-message": "m"], Status(StatusCode(rawValue: 99), "m")),
        ] as [([String: String], Status)])
    func unreadableStatus(trailers: [String: String], status: Status) {
        #expect(play([.head(responseHead), .trailers(trailers)]).ending?.status == status)
    }

    @Test("D5: OK without a message is UNIMPLEMENTED", arguments: [MethodKind.unary, .clientStreaming])
    func noMessage(kind: MethodKind) {
        #expect(play([.head(responseHead), .trailers(okTrailers)], to: kind).ending?.status.code == .unimplemented)
        let only = play([.head(responseHead.merging(okTrailers) { $1 }, ends: true)], to: kind)
        #expect(only.ending?.status.code == .unimplemented)
    }

    @Test("D5: a second message is UNIMPLEMENTED and is not given", arguments: [MethodKind.unary, .clientStreaming])
    func twoMessages(kind: MethodKind) {
        let played = play(
            [.head(responseHead), .data(message("a") + message("b")), .trailers(okTrailers)], to: kind)
        #expect(played.endings.map(\.status.code) == [.unimplemented])
        #expect(played.ending?.reset == .cancel)
        #expect(played.messages == [Array("a".utf8)])
    }

    @Test("D5: an error without a message is that error")
    func errorWithoutMessage() {
        #expect(play([.head(responseHead), .trailers(["grpc-status": "5"])]).ending?.status.code == .notFound)
    }

    @Test("D6: grpc-status in a head that has a body is passed over")
    func statusInHead() {
        let head = responseHead.merging(["grpc-status": "9", "grpc-message": "early"]) { $1 }
        let played = play([.head(head), .data(message("abc")), .trailers(okTrailers)])
        #expect(played.endings == [ClientCallEnding(.ok, .server)])
    }

    @Test("D7: broken escapes in grpc-message are kept")
    func brokenEscapes() {
        let trailers = ["grpc-status": "3", "grpc-message": "50% of %zz"]
        #expect(play([.head(responseHead), .trailers(trailers)]).ending?.status.message == "50% of %zz")
    }

    @Test(
        "D8: encodings, flags, sizes and cuts that cannot be are refused",
        arguments: [
            ([.head(responseHead.merging(["grpc-encoding": "snappy"]) { $1 })], .internalError),
            ([.head(gzipHead), .data(message("abc", flag: 1))], .internalError),
            ([.head(gzipHead), .data(compressed(9))], .resourceExhausted),
            ([.head(responseHead), .data(message("abc", flag: 1))], .internalError),
            ([.head(responseHead), .data(message("abc", flag: 2))], .internalError),
            ([.head(responseHead), .data([0, 0, 0, 0, 9])], .resourceExhausted),
            ([.head(responseHead), .data([0, 0, 0, 0, 3, 1]), .trailers(okTrailers)], .internalError),
        ] as [([ResponseStep], StatusCode)])
    func unreadableBody(steps: [ResponseStep], code: StatusCode) {
        var limits = ClientCallLimits()
        limits.messageMax = 8
        let played = play(steps, limits: limits)
        #expect(played.endings.count == 1)
        #expect(played.ending?.status.code == code)
        #expect(played.ending?.origin == .local)
    }

    @Test("D8: compressed messages are read, and plain ones between them")
    func compressedMessages() {
        let steps: [ResponseStep] = [
            .head(gzipHead), .data(compressed(8)), .data(message("abc")), .data(compressed(0)), .trailers(okTrailers),
        ]
        let played = play(steps, to: .serverStreaming)
        #expect(played.messages == [[UInt8](repeating: 0, count: 8), Array("abc".utf8), []])
        #expect(played.ending?.status == .ok)
    }

    @Test("D8: identity is no encoding")
    func identity() {
        let head = responseHead.merging(["grpc-encoding": "identity"]) { $1 }
        #expect(play([.head(head), .data(message("abc")), .trailers(okTrailers)]).ending?.status == .ok)
    }

    @Test(
        "D9: RST_STREAM is mapped",
        arguments: [
            (0, .internalError), (1, .internalError), (2, .internalError), (3, .internalError), (4, .internalError),
            (6, .internalError), (7, .unavailable), (8, .cancelled), (9, .internalError), (10, .internalError),
            (11, .resourceExhausted), (12, .permissionDenied), (99, .internalError),
        ] as [(UInt32, StatusCode)])
    func reset(code: UInt32, status: StatusCode) {
        for steps in [[.reset(code)], [.head(responseHead), .data(message("abc")), .reset(code)]] as [[ResponseStep]] {
            let played = play(steps)
            #expect(played.endings.map(\.status.code) == [status])
            #expect(played.ending?.reset == nil)
            #expect(played.ending?.isUnprocessed == (code == 7))
        }
    }

    @Test("D9: CANCEL after the own deadline is DEADLINE_EXCEEDED")
    func cancelAfterDeadline() {
        var call = ClientCall(kind: .unary, limits: ClientCallLimits())
        #expect(call.reset(code: 8, deadlinePassed: true)?.status.code == .deadlineExceeded)
    }

    @Test("D20: fields beyond the limit are RESOURCE_EXHAUSTED", arguments: [false, true])
    func largeFields(inTrailers: Bool) {
        let large = ["x-large": String(repeating: "x", count: 8 << 10)]
        let steps: [ResponseStep] =
            inTrailers
            ? [.head(responseHead), .data(message("abc")), .trailers(okTrailers.merging(large) { $1 })]
            : [.head(responseHead.merging(large) { $1 })]
        let played = play(steps)
        #expect(played.endings.map(\.status.code) == [.resourceExhausted])
    }

    @Test("D20: fields up to the limit are taken")
    func fieldsAtTheLimit() {
        let used = responseHead.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 32 }
        let rest = (8 << 10) - used - 32 - 1
        let head = responseHead.merging(["x": String(repeating: "y", count: rest)]) { $1 }
        #expect(play([.head(head), .data(message("abc")), .trailers(okTrailers)]).ending?.status == .ok)
    }
}

import GRPCCall
import GRPCWire
import Testing

@Suite("The server's side of a unary call") struct UnaryServerCallTests {
    /// Feeds `bytes` in pieces of `cut` and ends the request.
    private func end(_ bytes: [UInt8], cut: Int = .max, limits: CallLimits = CallLimits()) -> ServerCall.EndVerdict {
        let call = call().call
        return feed(call, bytes, cut: cut, limits: limits)
    }

    private func feed(
        _ call: HeldCall, _ bytes: [UInt8], cut: Int = .max, limits: CallLimits = CallLimits()
    ) -> ServerCall.EndVerdict {
        var start = 0
        while start < bytes.count {
            let end = start + min(cut, bytes.count - start)
            if let status = call.receive(Array(bytes[start..<end]).span, limits: limits) { return .refuse(status) }
            start = end
        }
        return call.endOfStream()
    }

    private func code(_ verdict: ServerCall.EndVerdict) -> StatusCode? {
        if case .refuse(let status) = verdict { return status.code }
        return nil
    }

    @Test("B1: a message is gathered whole at every cut", arguments: [1, 2, 3, 4, 5, 6, 7, 100])
    func cuts(cut: Int) {
        let call = call().call
        let message = (0..<50).map { UInt8($0) }
        #expect(feed(call, framed(message), cut: cut) == .invoke)
        #expect(call.takeRequest() == framed(message))
    }

    @Test("B1: a message of no bytes is a message")
    func empty() {
        let call = call().call
        #expect(feed(call, framed([])) == .invoke)
        #expect(call.takeRequest() == framed([]))
    }

    @Test("B2: an end within the prefix or the message is INTERNAL", arguments: 1..<8)
    func truncated(count: Int) {
        #expect(code(end(Array(framed([1, 2, 3]).prefix(count)))) == .internalError)
    }

    @Test("B3: bytes after the message that are no message are INTERNAL", arguments: 1..<5)
    func trailing(count: Int) {
        let extra = [UInt8](repeating: 0, count: count)
        for cut in [1, 3, 100] { #expect(code(end(framed([1]) + extra, cut: cut)) == .internalError) }
    }

    @Test("B4: no message is UNIMPLEMENTED")
    func none() { #expect(code(end([])) == .unimplemented) }

    @Test("B5: a second message is UNIMPLEMENTED", arguments: [1, 4, 6, 100])
    func two(cut: Int) { #expect(code(end(framed([1]) + framed([2]), cut: cut)) == .unimplemented) }

    @Test("B6: a compressed message without grpc-encoding is INTERNAL")
    func compressed() { #expect(code(end(framed([1], flag: 1))) == .internalError) }

    @Test("B8: a compressed message of an unknown encoding is UNIMPLEMENTED")
    func unknownEncoding() {
        let call = call(["grpc-encoding": "snappy"]).call
        #expect(code(feed(call, framed([1], flag: 1))) == .unimplemented)
    }

    @Test("B10: a compressed message of a known encoding is handed on as it came", arguments: ["gzip", "deflate"])
    func knownEncoding(name: String) {
        let call = call(["grpc-encoding": name]).call
        #expect(feed(call, framed([1, 2], flag: 1)) == .invoke)
        #expect(call.head.encoding?.rawValue == name)
        #expect(call.takeRequest().first == 1)
    }

    @Test("B9: a plain message is served whatever grpc-encoding says")
    func plainInEncodedCall() {
        let call = call(["grpc-encoding": "snappy"]).call
        #expect(feed(call, framed([1])) == .invoke)
    }

    @Test("B7: a flag other than 0 and 1 is INTERNAL and named")
    func unknownFlag() {
        guard case .refuse(let status) = end(framed([1], flag: 7)) else {
            Issue.record("was not refused")
            return
        }
        #expect(status.code == .internalError)
        #expect(status.message.contains("7"))
    }

    @Test("B11: a length above the limit is RESOURCE_EXHAUSTED on the prefix, before any of the message")
    func tooLarge() {
        let call = call().call
        let prefix = framed([], length: 0xFFFF_FFFF)
        let status = call.receive(prefix.span, limits: CallLimits())
        #expect(status?.code == .resourceExhausted)
        #expect(call.bufferedByteCount == 5)
        var limits = CallLimits()
        limits.messageMax = 3
        #expect(end(framed([1, 2, 3]), limits: limits) == .invoke)
        #expect(code(end(framed([1, 2, 3, 4]), limits: limits)) == .resourceExhausted)
    }

    @Test("bytes beyond the message are counted, not kept")
    func excess() {
        let call = call().call
        _ = call.receive(framed([1]).span, limits: CallLimits())
        let zeroes = [UInt8](repeating: 0, count: 1000)
        for _ in 0..<1000 { _ = call.receive(zeroes.span, limits: CallLimits()) }
        #expect(call.bufferedByteCount == 6)
        #expect(code(call.endOfStream()) == .unimplemented)
    }

    @Test("a slot that is used again knows nothing of the call before")
    func reuse() {
        let call = call().call
        let first = call.generation
        _ = call.receive(framed([UInt8](repeating: 1, count: 10_000)).span, limits: CallLimits())
        call.begin()
        #expect(call.generation == first + 1)
        #expect(call.bufferedByteCount == 0)
        #expect(call.phase == .fields)
        #expect(call.head.timeout == nil)
    }
}

@Suite("The server's side of a streamed call") struct StreamedServerCallTests {
    private func streamed() -> HeldCall { call([":path": "/test.v1.Echo/Chat"]).call }

    @Test("requests are handed on only as far as they were asked for")
    func credit() {
        let call = streamed()
        let limits = CallLimits()
        let bytes = framed([1]) + framed([2, 2]) + framed([])
        #expect(call.receive(bytes.span, limits: limits) == nil)
        #expect(call.next(limits: limits) == .wait)
        call.addCredit(2)
        #expect(call.next(limits: limits) == .message([1]))
        #expect(call.next(limits: limits) == .message([2, 2]))
        #expect(call.next(limits: limits) == .wait)
        #expect(call.bufferedByteCount == 5)
        call.addCredit(5)
        #expect(call.next(limits: limits) == .message([]))
        #expect(call.next(limits: limits) == .wait)
        #expect(call.endOfStream() == .halfClose)
        #expect(call.next(limits: limits) == .end)
        #expect(call.phase == .answering)
        #expect(call.next(limits: limits) == .wait)
    }

    @Test("the end waits for requests that were not asked for yet")
    func endAfterRequests() {
        let call = streamed()
        let limits = CallLimits()
        _ = call.receive(framed([1]).span, limits: limits)
        #expect(call.endOfStream() == .halfClose)
        #expect(call.next(limits: limits) == .wait)
        call.addCredit(1)
        #expect(call.next(limits: limits) == .message([1]))
        #expect(call.next(limits: limits) == .end)
    }

    @Test("B2: an end within a message is INTERNAL, after the messages before it", arguments: 1..<7)
    func truncatedStream(count: Int) {
        let call = streamed()
        let limits = CallLimits()
        call.addCredit(10)
        let bytes = framed([9]) + framed([1, 2]).prefix(count)
        _ = call.receive(bytes.span, limits: limits)
        #expect(call.next(limits: limits) == .message([9]))
        #expect(call.endOfStream() == .halfClose)
        guard case .refuse(let status) = call.next(limits: limits) else {
            Issue.record("was not refused")
            return
        }
        #expect(status.code == .internalError)
    }

    @Test("B11: a later message that is too large is refused once the messages before it are handed on")
    func laterTooLarge() {
        let call = streamed()
        let limits = CallLimits()
        call.addCredit(10)
        let bytes = framed([1]) + framed([], length: 5 << 20)
        #expect(call.receive(bytes.span, limits: limits) == nil)
        #expect(call.next(limits: limits) == .message([1]))
        guard case .refuse(let status) = call.next(limits: limits) else {
            Issue.record("was not refused")
            return
        }
        #expect(status.code == .resourceExhausted)
    }

    @Test("a thousand messages through one buffer keep their order and its memory small")
    func many() {
        let call = streamed()
        let limits = CallLimits()
        var seen = 0
        for round in 0..<1000 {
            let bytes = framed([UInt8](repeating: UInt8(round & 255), count: 200))
            _ = call.receive(bytes.span, limits: limits)
            call.addCredit(1)
            while case .message(let message) = call.next(limits: limits) {
                #expect(message.first == UInt8(seen & 255))
                seen += 1
            }
        }
        #expect(seen == 1000)
        #expect(call.bufferedByteCount == 0)
    }
}

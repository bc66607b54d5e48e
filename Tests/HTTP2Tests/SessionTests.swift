import Bytes
import HTTP2
import Testing

@Suite("Client and server sessions, joined in memory") struct SessionTests {
    @Test(
        "a request and its reply cross whole at every cut of the bytes", arguments: [1, 2, 3, 7, 9, 64, 1000, 100_000])
    func roundTrip(cut: Int) throws {
        let pipe = Pipe(cut: cut)
        let body = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        pipe.serverEvents.onEnd = { slot in
            let start = pipe.replies.count
            pipe.replies.append(pipe.serverEvents.streams[slot]!.body)
            pipe.server.reply(slot, head: okHead, body: start..<pipe.replies.count, trailers: okTrailers)
        }
        let slot = try #require(pipe.request(body: body))
        pipe.settle()
        let reply = try #require(pipe.clientEvents.streams[slot])
        #expect(reply.body == body)
        #expect(reply.fields == [":status: 200", "grpc-status: 0"])
        #expect(reply.sections == ["head", "trailer end"])
        #expect(reply.closeCode == .noError)
        let request = try #require(pipe.serverEvents.streams[0])
        #expect(request.fields.contains(":path: /test/Method"))
        #expect(request.closeCode == .noError)
        #expect(pipe.outcomes.isEmpty)
    }

    @Test("a header section that ends the stream is the whole reply")
    func headOnly() throws {
        let pipe = Pipe()
        pipe.serverEvents.onEnd = { pipe.server.reply($0, headOnly: HeaderBlock([(":status", Array("415".utf8))])) }
        let slot = try #require(pipe.request())
        pipe.settle()
        #expect(pipe.clientEvents.streams[slot]?.fields == [":status: 415"])
        #expect(pipe.clientEvents.streams[slot]?.sections == ["head end"])
    }

    @Test("a reply larger than the stream's window waits for the reader and loses nothing")
    func flowControl() throws {
        var small = SessionSettings()
        small.streamWindow = 1000
        let pipe = Pipe(client: small)
        let body = [UInt8](repeating: 7, count: 5000)
        pipe.serverEvents.onEnd = { slot in
            let start = pipe.replies.count
            pipe.replies.append(body)
            pipe.server.reply(slot, head: okHead, body: start..<pipe.replies.count, trailers: okTrailers)
        }
        let slot = try #require(pipe.request())
        pipe.settle()
        #expect(pipe.clientEvents.streams[slot]?.body.count == 1000)
        #expect(pipe.server.hasRepliesInArena)
        pipe.server.detachReplies()
        pipe.replies.removeAll()
        pipe.replies.append([UInt8](repeating: 9, count: 6000))  // Another turn's replies must not show.
        #expect(!pipe.server.hasRepliesInArena)
        #expect(pipe.server.unsentByteCount(0) == 4000)
        pipe.clientEvents.onData = { slot, count in pipe.client.consume(slot, stream: count, connection: count) }
        pipe.client.consume(slot, stream: 1000, connection: 1000)
        pipe.settle()
        #expect(pipe.clientEvents.streams[slot]?.body == body)
        #expect(pipe.clientEvents.streams[slot]?.isEnded == true)
    }

    @Test("a streamed reply pauses while it has nothing to send and goes on when it has")
    func streaming() throws {
        let pipe = Pipe()
        var drained = 0
        pipe.serverEvents.onDrained = { _ in drained += 1 }
        pipe.serverEvents.onEnd = { pipe.server.begin($0, head: okHead) }
        let slot = try #require(pipe.request())
        pipe.settle()
        #expect(drained == 1)
        for round in 1...3 {
            pipe.server.send(0, [UInt8(round), UInt8(round)])
            pipe.settle()
        }
        #expect(pipe.clientEvents.streams[slot]?.body == [1, 1, 2, 2, 3, 3])
        #expect(drained == 4)
        pipe.server.finish(0, trailers: okTrailers)
        pipe.settle()
        #expect(pipe.clientEvents.streams[slot]?.sections == ["head", "trailer end"])
    }

    @Test("bytes added while the session asks for more leave at once")
    func refill() throws {
        let pipe = Pipe()
        var rounds = 0
        pipe.serverEvents.onDrained = { slot in
            guard rounds < 100 else { return }
            rounds += 1
            pipe.server.send(slot, [UInt8(rounds)])
        }
        pipe.serverEvents.onEnd = { pipe.server.begin($0, head: okHead) }
        let slot = try #require(pipe.request())
        pipe.settle()
        #expect(pipe.clientEvents.streams[slot]?.body.count == 100)
    }

    @Test("C5: a reply that ends before the request does is followed by RST_STREAM(NO_ERROR)")
    func earlyEnd() throws {
        let pipe = Pipe()
        let slot = try #require(pipe.request(end: false))
        pipe.settle()
        pipe.server.reply(0, headOnly: HeaderBlock([(":status", Array("200".utf8))]))
        pipe.settle()
        #expect(pipe.clientEvents.streams[slot]?.sections == ["head end"])
        #expect(pipe.clientEvents.streams[slot]?.closeCode == .noError)
        #expect(pipe.serverEvents.streams[0]?.closeCode == .noError)
        #expect(pipe.server.openStreamCount == 0)
    }

    @Test("slots are used again, and each stream sees its own events")
    func slotReuse() throws {
        let pipe = Pipe()
        pipe.serverEvents.onEnd = { slot in
            let start = pipe.replies.count
            pipe.replies.append(pipe.serverEvents.streams[slot]!.body)
            pipe.server.reply(slot, head: okHead, body: start..<pipe.replies.count, trailers: okTrailers)
        }
        for round in 0..<50 {
            let slots = try (0..<10).map { try #require(pipe.request(body: [UInt8(round), UInt8($0)])) }
            pipe.settle()
            for (index, slot) in slots.enumerated() {
                #expect(pipe.clientEvents.streams[slot]?.body == [UInt8(round), UInt8(index)])
            }
            pipe.replies.removeAll()
        }
        #expect(pipe.server.openStreamCount == 0)
        #expect(pipe.serverEvents.streams.count == 10)
    }

    @Test("a reset reaches the other side with its code, in both directions")
    func resets() throws {
        let pipe = Pipe()
        let first = try #require(pipe.request(end: false))
        pipe.settle()
        pipe.client.reset(first, .cancel)
        pipe.settle()
        #expect(pipe.serverEvents.streams[0]?.closeCode == .cancel)
        let second = try #require(pipe.request(end: false))
        pipe.settle()
        pipe.server.reset(0, .refusedStream)
        pipe.settle()
        #expect(pipe.clientEvents.streams[second]?.closeCode == .refusedStream)
    }

    @Test("after a graceful end open streams finish, new ones are refused, and the session finishes")
    func shutdown() throws {
        let pipe = Pipe()
        let slot = try #require(pipe.request(end: false))
        pipe.settle()
        pipe.server.announceShutdown()
        pipe.server.finishShutdown()
        pipe.settle()
        #expect(pipe.clientEvents.goAways == [.noError, .noError])
        #expect(!pipe.client.takesRequests)
        #expect(pipe.client.open(head: okHead) == nil)
        pipe.serverEvents.onEnd = { slot in
            pipe.replies.append([5])
            pipe.server.reply(slot, head: okHead, body: 0..<1, trailers: okTrailers)
        }
        pipe.client.finish(slot)
        pipe.settle()
        #expect(pipe.clientEvents.streams[slot]?.body == [5])
        #expect(pipe.server.produce(into: pipe.output, limit: 1000) == .finished)
    }

    @Test("bytes that are no HTTP/2 preface fail the session and nothing else")
    func badPreface() {
        let pipe = Pipe()
        let request = Array("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n".utf8)
        #expect(pipe.server.receive(request.span) == .failed(.badPreface))
        #expect(pipe.server.receive(request.span) == .failed(.badPreface))
        #expect(pipe.server.produce(into: pipe.output, limit: 1000) == .failed(.badPreface))
    }

    @Test("what comes after a protocol error of the peer is answered by GOAWAY and the end")
    func protocolError() throws {
        let pipe = Pipe()
        pipe.settle()
        let dataOnIdleStream: [UInt8] = [0, 0, 1, 0, 0, 0, 0, 0, 99, 7]
        #expect(pipe.server.receive(dataOnIdleStream.span) == .taken)
        pipe.settle()
        #expect(pipe.clientEvents.goAways == [.protocolError])
        #expect(pipe.server.produce(into: pipe.output, limit: 1000) == .finished)
    }

    @Test("E3: a header block of endless CONTINUATION frames fails the session")
    func continuations() throws {
        let pipe = Pipe()
        pipe.settle()
        var bytes: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 0, 1]  // HEADERS without END_HEADERS
        for _ in 0..<20 { bytes += [0, 0, 0, 9, 0, 0, 0, 0, 1] }
        #expect(pipe.server.receive(bytes.span) == .failed(.tooManyContinuations))
    }
}

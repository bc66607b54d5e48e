import HTTP2
import NewsClient
import TestKit
import Testing

@Suite("Flow control of a client's calls", .timeLimit(.minutes(5 * Patience.factor))) struct RPCClientFlowTests {
    @Test("messages larger than every window cross both ways")
    func largeMessages() async throws {
        try await withPeer(echo) { _, client in
            let text = String(repeating: "0123456789abcdef", count: (3 << 20) / 16)
            let answer = try await client.unary(text)
            #expect(answer == text)
        }
    }

    @Test("a stream of messages larger than its window crosses")
    func largeStream() async throws {
        let size = 3 << 20
        let script: Peer.Script = { connection, slot, moment in
            guard moment == .opened else { return }
            connection.begin(slot)
            for number in 0..<4 { connection.send(slot, [UInt8](repeating: UInt8(number), count: size)) }
            connection.finish(slot)
        }
        try await withPeer(script) { _, client in
            let call = client.openStream()
            call.finish()
            for number in 0..<4 {
                let message = try await call.next()
                #expect(message?.count == size)
                #expect(message?.last == UInt8(number))
            }
            let end = try await call.next()
            #expect(end == nil)
        }
    }

    @Test("a server is held back by a task that does not take its messages")
    func slowReader() async throws {
        let messageSize = 256 << 10
        let count = 64
        let script: Peer.Script = { connection, slot, moment in
            guard moment == .opened else { return }
            connection.begin(slot)
            for number in 0..<count { connection.send(slot, [UInt8](repeating: UInt8(number), count: messageSize)) }
            connection.finish(slot)
        }
        try await withPeer(script) { peer, client in
            let call = client.openStream()
            call.finish()
            for number in 0..<count {
                let message = try await call.next()
                #expect(message?.count == messageSize)
                #expect(message?.first == UInt8(number))
                let taken = number + 1
                await withCheckedContinuation { continuation in
                    peer.act { connections in
                        let session = connections[0].session
                        let left = count * messageSize - session.unsentByteCount(0)
                        // What was taken, the stream's window, and the messages' prefixes.
                        if connections[0].streams[0] != nil { #expect(left <= taken * messageSize + (1 << 20) + 512) }
                        continuation.resume()
                    }
                }
            }
            let end = try await call.next()
            #expect(end == nil)
        }
    }

    @Test("a task that sends is held back by a server that does not read, until it is cancelled")
    func slowServer() async throws {
        let script: Peer.Script = { connection, slot, moment in
            connection.consumes = false
            if moment == .opened { connection.begin(slot) }
        }
        try await withPeer(script) { peer, client in
            let call = client.openStream()
            let message = [UInt8](repeating: 7, count: 64 << 10)
            let sender = Task { () -> (Int, RPCError?) in
                var count = 0
                do throws(RPCError) {
                    while true {
                        try await call.send(message)
                        count += 1
                        if count == 12 { peer.log.add("window full") }
                    }
                } catch {
                    return (count, error)
                }
            }
            await peer.log.wait(for: "window full")
            sender.cancel()
            let (count, thrown) = await sender.value
            // The window of a stream is 1 MiB, as much may wait here, and the end of the call lets one more go.
            #expect(count <= (2 << 20) / (message.count + 5) + 1)
            #expect(thrown?.code == .cancelled)
        }
    }

    @Test("a message over the limit is not sent", arguments: [true, false])
    func requestTooLarge(unary: Bool) async throws {
        try await withPeer(echo, change: { $0.requestMessageMax = 10 }) { peer, client in
            let thrown = await error {
                if unary {
                    _ = try await client.unary("12345678901")
                } else {
                    try await client.openStream().send("12345678901")
                }
            }
            #expect(thrown?.code == .resourceExhausted)
            #expect(thrown?.isLocal == true)
            let small = try await client.unary("1234567890")
            #expect(small == "1234567890")
        }
    }

    @Test("D8: an answer over the limit is RESOURCE_EXHAUSTED and its stream is cancelled")
    func responseTooLarge() async throws {
        try await withPeer(echo, change: { $0.responseMessageMax = 10 }) { peer, client in
            let thrown = await error { _ = try await client.unary("12345678901") }
            #expect(thrown?.code == .resourceExhausted)
            let small = try await client.unary("1234567890")
            #expect(small == "1234567890")
        }
    }

    @Test("metadata that cannot be sent fails the call before it leaves", arguments: ["grpc-x", "Upper", "te"])
    func badMetadata(name: String) async throws {
        try await withPeer(echo) { peer, client in
            let options = CallOptions(metadata: [MetadataField(name, "x")])
            let thrown = await error {
                _ = try await client.unary(unaryMethod, message: [], options: options)
            }
            #expect(thrown?.code == .invalidArgument)
            #expect(peer.log.events.isEmpty)
        }
    }
}

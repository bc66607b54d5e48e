import GRPCWire
import HTTP2
import NewsClient
import NewsMessages
import TestKit
import Testing

@Suite("A client's calls", .timeLimit(.minutes(5 * Patience.factor))) struct RPCClientCallTests {
    @Test("a stream goes on when its client is let go of")
    func clientLetGo() async throws {
        let peer = try Peer(echo)
        defer { peer.stop() }
        func openOnly() throws -> any MessageStream { try makeClient(peer.target).openStream() }
        let call = try openOnly()
        try await call.send("still here")
        call.finish()
        let answer = try await call.nextText()
        #expect(answer == "still here")
        let end = try await call.next()
        #expect(end == nil)
    }

    @Test("a unary call sends its message and gets its answer, on one connection for all calls")
    func unary() async throws {
        try await withPeer(echo) { peer, client in
            for number in 0..<20 {
                let answer = try await client.unary("message \(number)")
                #expect(answer == "message \(number)")
            }
            #expect(peer.log.count("connected") == 1)
        }
    }

    @Test("calls of many tasks run side by side")
    func concurrent() async throws {
        try await withPeer(echo) { peer, client in
            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<200 { group.addTask { try await client.unary("\(number)") } }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(answers == Set((0..<200).map(String.init)))
            #expect(peer.log.count("connected") == 1)
        }
    }

    @Test("D18: the header section has the order of the specification")
    func headerOrder() async throws {
        let script: Peer.Script = { connection, slot, moment in
            guard moment == .ended else { return }
            let lines = connection.streams[slot]?.fields.map { "\($0.name)=\($0.value)" } ?? []
            connection.reply(slot, Array(lines.joined(separator: "\n").utf8))
        }
        try await withPeer(script, change: { $0.userAgent = "tests/1" }) { peer, client in
            let options = CallOptions(
                timeout: .seconds(100_000),
                metadata: [MetadataField("who", "me"), MetadataField("trace-bin", bytes: [0xFF])])
            let answer = try await client.unary(unaryMethod, message: [], options: options)
            let lines = String(decoding: answer, as: UTF8.self).split(separator: "\n").map(String.init)
            #expect(
                lines.prefix(4) == [
                    ":method=POST", ":scheme=http", ":path=/test.Service/Unary", ":authority=\(peer.target)",
                ])
            #expect(lines[4].hasPrefix("grpc-timeout="))
            #expect(
                lines.dropFirst(5) == [
                    "te=trailers", "content-type=application/grpc",
                    "grpc-accept-encoding=identity,deflate,gzip",
                    "user-agent=tests/1 grpc-swift-newsrpc/\(RPCClient.version)", "who=me", "trace-bin=/w",
                ])
        }
    }

    @Test("a stream goes both ways until each side has finished")
    func bidirectional() async throws {
        let script: Peer.Script = { connection, slot, moment in
            switch moment {
            case .opened: connection.begin(slot)
            case .data:
                connection.send(slot, Array(connection.streams[slot]?.body.dropFirst(5) ?? []))
                connection.streams[slot]?.body = []
            case .ended: connection.finish(slot)
            }
        }
        try await withPeer(script) { _, client in
            let call = client.openStream()
            for text in ["one", "", "three"] {
                try await call.send(text)
                let reply = try await call.nextText()
                #expect(reply == text)
            }
            call.finish()
            let end = try await call.nextText()
            #expect(end == nil)
            let later = try await call.nextText()
            #expect(later == nil)
        }
    }

    @Test("a status comes with its message, reason and details")
    func status() async throws {
        let script: Peer.Script = { connection, slot, moment in
            guard moment == .ended else { return }
            // google.rpc.Status{code: 5, message: "x", details: [ErrorInfo{reason: "ARTICLE_NOT_FOUND"}]}
            let info = [0x0A, 17] + Array("ARTICLE_NOT_FOUND".utf8)
            let type = Array("type.googleapis.com/google.rpc.ErrorInfo".utf8)
            let any = [0x0A, UInt8(type.count)] + type + [0x12, UInt8(info.count)] + info
            let details: [UInt8] = [0x08, 5, 0x12, 1, 0x78, 0x1A, UInt8(any.count)] + any
            connection.refuse(
                slot,
                PeerConnection.head + [
                    ("grpc-status", "5"), ("grpc-message", "no article %22x%22"),
                    ("grpc-status-details-bin", BinaryHeader.encode(details)),
                ])
        }
        try await withPeer(script) { _, client in
            let thrown = await error { _ = try await client.unary("x") }
            #expect(thrown?.code == .notFound)
            #expect(thrown?.reason == "ARTICLE_NOT_FOUND")
            #expect(thrown?.origin == .server)
            #expect(thrown?.details.count == 70)
            #expect(thrown?.description == "NOT_FOUND (ARTICLE_NOT_FOUND): no article \"x\"")
        }
    }

    @Test("D9: a reset stream ends its call alone", arguments: [(7, 14), (8, 1), (11, 8), (2, 13)] as [(UInt32, Int)])
    func reset(code: UInt32, status: Int) async throws {
        let script: Peer.Script = { connection, slot, moment in
            guard moment == .ended else { return }
            guard connection.streams[slot]?.body.count == 5 else { return echo(connection, slot, moment) }
            connection.session.reset(slot, .init(rawValue: code))
        }
        try await withPeer(script) { peer, client in
            let thrown = await error { _ = try await client.unary("") }
            #expect(thrown?.code.rawValue == status)
            let next = try await client.unary("x")
            #expect(next == "x")
            #expect(peer.log.count("connected") == 1)
        }
    }

    @Test("D12: a call that gets no answer ends with its deadline, and its stream is cancelled")
    func deadline() async throws {
        try await withPeer({ _, _, _ in }) { peer, client in
            let thrown = await error {
                _ = try await client.unary("x", timeout: .milliseconds(30))
            }
            #expect(thrown?.code == .deadlineExceeded)
            #expect(thrown?.isLocal == true)
            await peer.log.wait(for: "stream closed 8")
        }
    }

    @Test("D12: no time at all is too late")
    func noTime() async throws {
        try await withPeer(echo) { peer, client in
            let thrown = await error { _ = try await client.unary("x", timeout: .zero) }
            #expect(thrown?.code == .deadlineExceeded)
            #expect(peer.log.events.isEmpty)
        }
    }

    @Test("D13: a cancelled task cancels its call, once")
    func cancelledTask() async throws {
        try await withPeer({ _, _, _ in }) { peer, client in
            let task = Task { await error { _ = try await client.unary("x") } }
            await peer.log.wait(for: "ended")
            task.cancel()
            #expect(await task.value?.code == .cancelled)
            await peer.log.wait(for: "stream closed 8")
            #expect(peer.log.count("stream closed 8") == 1)
        }
    }

    @Test("D13: a stream that is cancelled or let go is reset", arguments: [true, false])
    func cancelledStream(explicitly: Bool) async throws {
        let script: Peer.Script = { connection, slot, moment in if moment == .opened { connection.begin(slot) } }
        try await withPeer(script) { peer, client in
            do {
                let call: StreamingCall<HealthListRequest, HealthListRequest> = client.streaming(streamMethod)
                try await call.send(HealthListRequest())
                await peer.log.wait(for: "opened")
                if explicitly { call.cancel() }
            }
            await peer.log.wait(for: "stream closed 8")
        }
    }

    @Test("D17: a status before the end of the request stops the sending and holds")
    func earlyStatus() async throws {
        let script: Peer.Script = { connection, slot, moment in
            if moment == .opened {
                connection.refuse(slot, PeerConnection.head + [("grpc-status", "8"), ("grpc-message", "full")])
            }
        }
        try await withPeer(script) { peer, client in
            let call = client.openStream()
            let thrown = await error { while true { try await call.send("x") } }
            #expect(thrown?.code == .resourceExhausted)
            #expect(thrown?.message == "full")
            let again = await error { _ = try await call.next() }
            #expect(again == thrown)
            await peer.log.wait(for: "stream closed 0")
        }
    }

    @Test("an answer that is not the message is INTERNAL")
    func unreadableAnswer() async throws {
        let script: Peer.Script = { connection, slot, moment in if moment == .ended { connection.reply(slot, [0xFF]) } }
        try await withPeer(script) { _, client in
            let thrown = await error {
                let _: HealthListRequest = try await client.unary(unaryMethod, HealthListRequest())
            }
            #expect(thrown?.code == .internalError)
        }
    }
}

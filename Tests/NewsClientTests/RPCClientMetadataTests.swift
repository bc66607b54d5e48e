import GRPCWire
import NewsClient
import TestKit
import Testing

@Suite("Metadata of a client's calls", .timeLimit(.minutes(5 * Patience.factor))) struct RPCClientMetadataTests {
    private static let head =
        PeerConnection.head + [
            ("x-place", "here"), ("x-trace-bin", "/w"), ("x-place", "there"),
        ]
    private static let trailers = [(name: "grpc-status", value: "0"), (name: "x-cost", value: "7")]

    @Test("a unary call gives what came with the beginning and the end of its answer")
    func unary() async throws {
        let script: Peer.Script = { connection, slot, moment in
            guard moment == .ended else { return }
            connection.begin(slot, Self.head)
            connection.send(slot, [])
            connection.finish(slot, Self.trailers)
        }
        try await withPeer(script) { _, client in
            let metadata = ResponseMetadata()
            _ = try await client.unary("x", CallOptions(responseMetadata: metadata))
            #expect(
                metadata.initial == [
                    MetadataField("x-place", "here"), MetadataField("x-trace-bin", bytes: [0xFF]),
                    MetadataField("x-place", "there"),
                ])
            #expect(metadata.initial.text("x-place") == "here")
            #expect(metadata.initial.bytes("x-trace-bin") == [0xFF])
            #expect(metadata.trailers == [MetadataField("x-cost", "7")])
        }
    }

    @Test("a stream gives them as they come")
    func stream() async throws {
        let script: Peer.Script = { connection, slot, moment in
            switch moment {
            case .opened: connection.begin(slot, Self.head)
            case .data: break
            case .ended: connection.finish(slot, Self.trailers)
            }
        }
        try await withPeer(script) { _, client in
            let call = client.openStream()
            let initial = try await call.metadata()
            #expect(initial.text("x-place") == "here")
            #expect(call.trailers.isEmpty)
            call.finish()
            let end = try await call.next()
            #expect(end == nil)
            #expect(call.trailers.text("x-cost") == "7")
        }
    }

    @Test("an error has what came with its status, and an answer without a beginning has no initial metadata")
    func failure() async throws {
        let script: Peer.Script = { connection, slot, moment in
            guard moment == .ended else { return }
            connection.refuse(slot, PeerConnection.head + [("grpc-status", "5"), ("x-why", "gone")])
        }
        try await withPeer(script) { _, client in
            let metadata = ResponseMetadata()
            let thrown = await error { _ = try await client.unary("x", CallOptions(responseMetadata: metadata)) }
            #expect(thrown?.metadata == [MetadataField("x-why", "gone")])
            #expect(metadata.initial.isEmpty)
            #expect(metadata.trailers == [MetadataField("x-why", "gone")])
            let call = client.openStream()
            call.finish()
            let fromStream = await error { _ = try await call.metadata() }
            #expect(fromStream?.code == .notFound)
            #expect(call.trailers == [MetadataField("x-why", "gone")])
        }
    }
}

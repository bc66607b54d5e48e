import NewsClient
import TestKit
import Testing

/// What a server sends on the first stream, and what the caller is to learn of it.
struct RawResponse: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let code: RPCError.Code?
    let text: String

    init(_ name: String, _ frames: [[UInt8]], _ code: RPCError.Code?, _ text: String = "") {
        self.name = name
        bytes = frames.flatMap { $0 }
        self.code = code
        self.text = text
    }

    var testDescription: String { name }

    private static let head = [(":status", "200"), ("content-type", "application/grpc")]
    private static let message: [UInt8] = [0, 0, 0, 0, 2, 0x6F, 0x6B]

    private static func headers(_ fields: [(String, String)], ends: Bool = false) -> [UInt8] {
        RawFrame.headers(stream: 1, fields, endOfStream: ends)
    }

    private static func data(_ bytes: [UInt8], ends: Bool = false) -> [UInt8] {
        RawFrame.data(stream: 1, bytes, endOfStream: ends)
    }

    private static func trailers(_ fields: [(String, String)] = [("grpc-status", "0")]) -> [UInt8] {
        headers(fields, ends: true)
    }

    static let all: [RawResponse] = [
        RawResponse("good", [headers(head), data(message), trailers()], nil),
        RawResponse("D1 400", [headers([(":status", "400")], ends: true)], .internalError, "HTTP status 400"),
        RawResponse("D1 401", [headers([(":status", "401")], ends: true)], .unauthenticated, "HTTP status 401"),
        RawResponse(
            "D1 404", [headers([(":status", "404"), ("content-type", "text/html")]), data([0x6E, 0x6F], ends: true)],
            .unimplemented, "HTTP status 404, content-type \"text/html\": no"),
        RawResponse("D1 503", [headers([(":status", "503")], ends: true)], .unavailable, "HTTP status 503"),
        RawResponse(
            "D1 grpc-status wins", [headers([(":status", "503"), ("grpc-status", "7")], ends: true)], .permissionDenied
        ),
        RawResponse(
            "D2", [headers([(":status", "200"), ("content-type", "text/plain")]), data([0x68, 0x69], ends: true)],
            .unknown, "content-type \"text/plain\": hi"),
        RawResponse("D3", [headers(head), data(message, ends: true)], .unknown, "without grpc-status"),
        RawResponse("D4 no number", [headers(head), trailers([("grpc-status", "ok")])], .unknown, "\"ok\""),
        RawResponse(
            "D4 unknown number", [headers(head), trailers([("grpc-status", "77"), ("grpc-message", "new")])],
            .init(rawValue: 77), "new"),
        RawResponse("D5 no message", [headers(head), trailers()], .unimplemented),
        RawResponse("D5 two messages", [headers(head), data(message + message), trailers()], .unimplemented),
        RawResponse(
            "D6", [headers(head + [("grpc-status", "9")]), data(message), trailers()], nil),
        RawResponse(
            "D7", [headers(head + [("grpc-status", "3"), ("grpc-message", "5% of%2")], ends: true)],
            .invalidArgument, "5% of%2"),
        RawResponse(
            "D8 encoding", [headers(head + [("grpc-encoding", "snappy")]), data(message), trailers()], .internalError,
            "snappy"),
        RawResponse("D8 flag", [headers(head), data([1] + message.dropFirst()), trailers()], .internalError),
        RawResponse("D8 size", [headers(head), data([0, 0xFF, 0xFF, 0xFF, 0xFF])], .resourceExhausted),
        RawResponse("D8 cut", [headers(head), data(Array(message.prefix(6))), trailers()], .internalError),
        RawResponse(
            "D9 after a message", [headers(head), data(message), RawFrame.reset(stream: 1, code: 2)], .internalError),
        RawResponse("D9 no error", [RawFrame.reset(stream: 1, code: 0)], .internalError),
        RawResponse("D9 inadequate security", [RawFrame.reset(stream: 1, code: 12)], .permissionDenied),
        RawResponse("D9 calm", [RawFrame.reset(stream: 1, code: 11)], .resourceExhausted),
        RawResponse(
            "D19", [headers([(":status", "103"), ("link", "x")]), headers(head), data(message), trailers()], nil),
        RawResponse(
            "D20 head", [headers(head + [("x-large", String(repeating: "x", count: 9000))])], .resourceExhausted,
            "larger than 8192 bytes"),
        RawResponse(
            "D20 trailers",
            [
                headers(head), data(message),
                trailers([("grpc-status", "0"), ("x-large", String(repeating: "x", count: 9000))]),
            ], .resourceExhausted, "larger than 8192 bytes"),
    ]
}

@Suite("Responses as raw frames", .timeLimit(.minutes(5 * Patience.factor))) struct RawResponseTests {
    @Test(
        "D1 to D9, D19, D20: end the call as they must, at once or byte by byte", arguments: RawResponse.all,
        [false, true])
    func response(response: RawResponse, byByte: Bool) async throws {
        let peer = try RawPeer(connections: [[RawFrame.settings, response.bytes]], byByte: byByte)
        defer { peer.stop() }
        let client = try makeClient(peer.target)
        do throws(RPCError) {
            let answer = try await client.unary(unaryMethod, message: [], options: CallOptions())
            #expect(response.code == nil)
            #expect(answer == Array("ok".utf8))
        } catch {
            #expect(error.code == response.code)
            #expect(error.message.contains(response.text), "\(error.message)")
        }
        #expect(peer.log.count("connected") == 1)
        await client.close()
    }

    @Test("late frames of calls that were cancelled change nothing for the others")
    func lateFrames() async throws {
        // Each of the calls has had its answer sent before its end was known; there are more than any list of streams
        // that were closed lately is likely to keep.
        let count: UInt32 = 100
        let late = (0..<count).flatMap { RawFrame.reply(stream: 2 * $0 + 1, "late") }
        let peer = try RawPeer(connections: [[RawFrame.settings]])
        defer { peer.stop() }
        let client = try makeClient(peer.target)
        let calls = (0..<count).map { _ in client.openStream() }
        for call in calls { try await call.send("x") }
        await peer.log.wait(for: "frame 0 0", count: calls.count)
        for call in calls { call.cancel() }
        await peer.log.wait(for: "frame 3 0", count: Int(count))
        let last = Task { try await client.unary("x") }
        await peer.log.wait(for: "frame 0 1")
        peer.send(late + RawFrame.reply(stream: 2 * count + 1, "here"))
        let answer = try await last.value
        #expect(answer == "here")
        #expect(peer.log.count("connected") == 1)
        await client.close()
    }
}

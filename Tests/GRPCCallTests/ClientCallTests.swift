import GRPCCall
import GRPCWire
import Testing

@Suite("A client's call") struct ClientCallTests {
    @Test("gives the one message and the status")
    func unary() {
        let played = play([.head(responseHead), .data(message("abc")), .trailers(okTrailers)])
        #expect(played.messages == [Array("abc".utf8)])
        #expect(played.endings == [ClientCallEnding(.ok, .server)])
    }

    @Test("gives every message of a stream, at every cut", arguments: 0...21)
    func streaming(cut: Int) {
        let body = message("abc") + message("") + message("defg")
        let pieces = [Array(body[..<min(cut, body.count)]), Array(body[min(cut, body.count)...])]
        let played = play(
            [.head(responseHead)] + pieces.map { .data($0) } + [.trailers(okTrailers)], to: .serverStreaming)
        #expect(played.messages == ["abc", "", "defg"].map { Array($0.utf8) })
        #expect(played.endings == [ClientCallEnding(.ok, .server)])
    }

    @Test("gives the metadata of the head")
    func metadata() {
        let head = responseHead.merging(["x-served-by": "a", "trace-bin": "Zg=="]) { $1 }
        let played = play([.head(head), .data(message("")), .trailers(okTrailers)])
        #expect(played.metadata?.text("x-served-by") == "a")
        #expect(played.metadata?.bytes("trace-bin") == Array("f".utf8))
    }

    @Test("takes status, message and details of Trailers-Only")
    func trailersOnly() {
        let fields = ["grpc-status": "5", "grpc-message": "no %22x%22", "grpc-status-details-bin": "Zm8"]
        let played = play([.head(responseHead.merging(fields) { $1 }, ends: true)])
        #expect(
            played.endings == [
                ClientCallEnding(Status(.notFound, "no \"x\"", details: Array("fo".utf8)), .server)
            ])
    }

    @Test("takes a stream without messages when the method streams")
    func emptyStream() {
        #expect(play([.head(responseHead), .trailers(okTrailers)], to: .bidirectional).ending?.status == .ok)
        let only = [ResponseStep.head(responseHead.merging(okTrailers) { $1 }, ends: true)]
        #expect(play(only, to: .serverStreaming).ending?.status == .ok)
    }

    @Test("keeps the status when the details are not base64")
    func brokenDetails() {
        let fields = ["grpc-status": "8", "grpc-status-details-bin": "!!"]
        #expect(play([.head(responseHead), .trailers(fields)]).ending?.status == Status(.resourceExhausted, ""))
    }

    @Test("ends when its connection is lost, and once only")
    func connectionLost() {
        var call = ClientCall(kind: .unary, limits: ClientCallLimits())
        let ending = call.connectionLost("connection reset by peer", isUnprocessed: false)
        #expect(ending?.status == Status(.unavailable, "connection reset by peer"))
        #expect(ending?.origin == .connection)
        #expect(ending?.reset == nil)
        #expect(call.connectionLost("again", isUnprocessed: false) == nil)
        #expect(call.deadlinePassed() == nil)
        #expect(call.isOver)
    }

    @Test("D10: above the last stream of GOAWAY it was never begun")
    func refusedByGoAway() {
        var call = ClientCall(kind: .unary, limits: ClientCallLimits())
        let ending = call.refusedByGoAway("max_age")
        #expect(ending?.status == Status(.unavailable, "the server is leaving: max_age"))
        #expect(ending?.isUnprocessed == true)
    }

    @Test("D12: its deadline ends it here, and the stream is cancelled")
    func deadline() {
        var call = ClientCall(kind: .unary, limits: ClientCallLimits())
        let ending = call.deadlinePassed()
        #expect(ending?.status.code == .deadlineExceeded)
        #expect(ending?.origin == .local)
        #expect(ending?.reset == .cancel)
    }

    @Test("D13: cancelling ends it once, and later frames change nothing")
    func cancelled() {
        var call = ClientCall(kind: .unary, limits: ClientCallLimits())
        let ending = call.cancel()
        #expect(ending?.status.code == .cancelled)
        #expect(ending?.reset == .cancel)
        #expect(call.cancel() == nil)
        let played = call.play([.head(responseHead), .data(message("abc")), .trailers(okTrailers), .reset(8)])
        #expect(played.endings.isEmpty)
        #expect(played.messages.isEmpty)
    }

    @Test("D17: trailers before the end of the request stop the sending, and their status holds")
    func earlyTrailers() {
        var call = ClientCall(kind: .bidirectional, limits: ClientCallLimits())
        let trailers = ["grpc-status": "8", "grpc-message": "full"]
        let played = call.play([.head(responseHead), .trailers(trailers), .reset(0)])
        #expect(
            played.endings == [ClientCallEnding(Status(.resourceExhausted, "full"), .server, reset: .noError)])
    }

    @Test("D19: informational sections are skipped", arguments: ["100", "103"])
    func informational(status: String) {
        let played = play([
            .head([":status": status, "link": "x"]), .head(responseHead), .data(message("abc")), .trailers(okTrailers),
        ])
        #expect(played.endings == [ClientCallEnding(.ok, .server)])
        #expect(played.messages.count == 1)
    }
}

import GRPCWire
import Testing

@testable import NewsService

@Suite("The order of an import") struct ImportStreamTests {
    private func sent(_ stream: inout ImportStream<String>) -> [String] {
        let output = stream.beginSending()
        if !output.isEmpty { stream.endSending() }
        return output.flatMap { item in
            switch item {
            case .messages(let messages): messages.map { String(decoding: $0, as: UTF8.self) }
            case .finish(let status): ["finish \(status.code)"]
            case .request(let count): ["request \(count)"]
            }
        }
    }

    private func written(_ stream: inout ImportStream<String>) -> [String] {
        var plans: [String] = []
        while let (_, plan) = stream.beginWriting() {
            plans.append(plan)
            stream.endWriting()
        }
        return plans
    }

    /// A stream that has asked for requests and got so many.
    private func stream(requests: Int) -> ImportStream<String> {
        var stream = ImportStream<String>()
        _ = sent(&stream)
        for _ in 0..<requests {
            _ = stream.receive()
            _ = sent(&stream)
        }
        return stream
    }

    @Test("writes and answers in the order of the requests, however they are read")
    func order() {
        var stream = stream(requests: 3)
        stream.finishReading(2, "c")
        #expect(written(&stream).isEmpty)
        stream.finishReading(0, "a")
        #expect(written(&stream) == ["a"])
        stream.finishReading(1, "b")
        #expect(written(&stream) == ["b", "c"])
        stream.answer(1, Array("B".utf8))
        #expect(sent(&stream).isEmpty)
        stream.answer(0, Array("A".utf8))
        #expect(sent(&stream).prefix(2) == ["A", "B"])
        stream.answer(2, Array("C".utf8))
        #expect(sent(&stream).first == "C")
    }

    @Test("E1: a call that is gone counts until the last that works for it has ended")
    func abandoned() {
        var stream = stream(requests: 2)
        stream.beginWork()
        stream.beginWork()
        #expect([stream.endWork(), stream.isWorking] == [false, true])
        stream.abandon()
        #expect(stream.isOver)
        #expect([stream.endWork(), stream.isWorking] == [true, false])
    }

    @Test("lets one thread write and one send at a time")
    func exclusion() {
        var stream = stream(requests: 2)
        stream.finishReading(0, "a")
        stream.finishReading(1, "b")
        #expect(stream.beginWriting()?.plan == "a")
        #expect(stream.beginWriting() == nil)
        stream.endWriting()
        #expect(stream.beginWriting()?.plan == "b")
        stream.answer(0, [])
        #expect(!stream.beginSending().isEmpty)
        stream.answer(1, [])
        #expect(stream.beginSending().isEmpty)
        stream.endSending()
        #expect(!stream.beginSending().isEmpty)
    }

    @Test("ends once the peer is done and everything is answered")
    func finish() {
        var stream = stream(requests: 1)
        stream.halfClose()
        #expect(sent(&stream).isEmpty)
        stream.finishReading(0, "a")
        _ = written(&stream)
        stream.answer(0, Array("A".utf8))
        #expect(sent(&stream) == ["A", "finish OK"])
        #expect(sent(&stream).isEmpty)
    }

    @Test("without a request ends with its peer's side")
    func empty() {
        var stream = stream(requests: 0)
        stream.halfClose()
        #expect(sent(&stream) == ["finish OK"])
    }

    @Test("fails where the request at fault stands, after the answers before it")
    func failure() {
        var stream = stream(requests: 3)
        stream.fail(1, Status(.internalError, "bad"))
        #expect(sent(&stream).isEmpty)
        stream.finishReading(0, "a")
        #expect(written(&stream) == ["a"])
        stream.answer(0, Array("A".utf8))
        #expect(sent(&stream) == ["A", "finish INTERNAL"])
        stream.finishReading(2, "c")
        #expect(written(&stream).isEmpty)
    }

    @Test("sends many answers in pieces, between which others have their turn")
    func pieces() {
        var stream = stream(requests: 130)
        for number in 0..<130 { stream.answer(number, [UInt8(number)]) }
        let pieces = stream.beginSending().compactMap { item in
            if case .messages(let messages) = item { messages } else { nil }
        }
        #expect(pieces.map(\.count) == [64, 64, 2])
        #expect(pieces.joined().map { $0[0] } == Array(0..<130))
    }

    @Test("asks for few requests at a time, and for none while its answers are not read")
    func credit() {
        var stream = ImportStream<String>()
        #expect(sent(&stream) == ["request 256"])
        for _ in 0..<127 { _ = stream.receive() }
        #expect(sent(&stream).isEmpty)
        _ = stream.receive()
        #expect(sent(&stream) == ["request 128"])
        for _ in 0..<128 { _ = stream.receive() }
        stream.answer(0, [UInt8](repeating: 65, count: 256 << 10))
        #expect(sent(&stream).map(\.count) == [256 << 10])
        #expect(sent(&stream).isEmpty)
        stream.drained()
        #expect(sent(&stream) == ["request 128"])
    }

    @Test("takes no more than 8192 requests before their answers")
    func requestMax() {
        var stream = ImportStream<String>()
        var received = 0
        var credit = 0
        while true {
            for item in sent(&stream) where item.hasPrefix("request ") { credit += Int(item.dropFirst(8)) ?? 0 }
            guard credit > 0 else { break }
            credit -= 1
            received += 1
            _ = stream.receive()
        }
        #expect(received == 8192)
    }

    @Test("has what came of a round said once, and again when more has come since it was begun to be said")
    func handingOn() {
        var stream = stream(requests: 1)
        #expect([stream.handOn(), stream.handOn(), stream.handOn()] == [true, false, false])
        stream.handedOn()
        #expect([stream.handOn(), stream.handOn()] == [true, false])
    }

    @Test("that was cut off writes and sends nothing more")
    func cutOff() {
        var stream = stream(requests: 2)
        stream.finishReading(0, "a")
        stream.end()
        #expect(written(&stream).isEmpty)
        stream.answer(0, Array("A".utf8))
        stream.finishReading(1, "b")
        #expect(sent(&stream).isEmpty)
    }
}

import GRPCCall
import GRPCWire
import NewsMessages
import Threads

/// StreamingInputCall: adds up the sizes of what comes.
final class CountingCall: StreamHandler {
    private let call: CallReference
    private var sum: Int32 = 0

    init(_ call: CallReference) {
        self.call = call
        call.request(1)
    }

    func received(_ message: Span<UInt8>) { add(message, wasCompressed: false) }

    func receivedCompressed(_ message: Span<UInt8>) { add(message, wasCompressed: true) }

    private func add(_ message: Span<UInt8>, wasCompressed: Bool) {
        do {
            let request = try StreamingInputCallRequest(decoding: message)
            if let status = fault(expecting: request.expectCompressed, wasCompressed: wasCompressed) {
                return call.finish(status)
            }
            sum += Int32(clamping: request.payload?.body.count ?? 0)
            call.request(1)
        } catch {
            call.finish(Status(.internalError, "\(error)"))
        }
    }

    func halfClosed() {
        var response = StreamingInputCallResponse()
        response.aggregatedPayloadSize = sum
        call.send(response.encoded())
        call.finish(.ok)
    }

    func drained() {}
    func ended() {}
}

/// The calls that are answered by streams: each request asks for answers of certain sizes, after certain pauses.
final class AnsweringCall: StreamHandler {
    enum Moment { case atOnce, afterLast }

    private let call: CallReference
    private let moment: Moment
    private var waiting: [StreamingOutputCallRequest] = []
    private let pauses = Pauses()

    init(_ call: CallReference, _ moment: Moment) {
        self.call = call
        self.moment = moment
        let (head, trailers) = call.metadata.echoed
        if !head.isEmpty { call.begin(head) }
        if !trailers.isEmpty { call.addTrailers(trailers) }
        call.request(1)
    }

    func received(_ message: Span<UInt8>) {
        do {
            let request = try StreamingOutputCallRequest(decoding: message)
            if moment == .atOnce {
                answer([request]) { [call] in call.request(1) }
            } else {
                waiting.append(request)
                call.request(1)
            }
        } catch {
            call.finish(Status(.internalError, "\(error)"))
        }
    }

    func halfClosed() { answer(waiting) { [call] in call.finish(.ok) } }

    func drained() {}
    func ended() { pauses.end() }

    /// Answers requests, on a thread of its own if there are pauses, and then calls `done`; not if the call is over.
    private func answer(_ requests: [StreamingOutputCallRequest], _ done: @escaping @Sendable () -> Void) {
        let answer: @Sendable () -> Void = { [call, pauses] in
            for request in requests {
                if let status = request.responseStatus?.status { return call.finish(status) }
                for wanted in request.responseParameters {
                    guard pauses.pause(microseconds: wanted.intervalUs) else { return }
                    var response = StreamingOutputCallResponse()
                    response.payload = Payload(size: wanted.size)
                    let compression = wanted.compressed.map { $0.value ? ReplyCompression.wanted : .unwanted }
                    call.send(response.encoded(), compression ?? .asConfigured)
                }
            }
            done()
        }
        let hasPauses = requests.contains { $0.responseParameters.contains { $0.intervalUs > 0 } }
        if hasPauses { _ = Thread.start(name: "interop") { answer() } } else { answer() }
    }
}

/// Pauses between the answers of a call, which its end cuts short.
private final class Pauses: Sendable {
    private let isOver = Monitor(false)

    func end() { isOver.broadcast { $0 = true } }

    /// `false` when the call is over.
    func pause(microseconds: Int32) -> Bool {
        guard microseconds > 0 else { return true }
        let deadline = MonotonicClock.now + Int64(microseconds) * 1000
        return isOver.wait(deadline: deadline) { $0 ? true : nil } == nil
    }
}

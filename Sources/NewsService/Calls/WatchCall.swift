internal import GRPCCall
internal import GRPCWire
internal import NewsMessages

/// A call with one request and replies for as long as there is something to tell, until the client or the server goes.
protocol WatchCall: StreamHandler {
    associatedtype Request: ProtoMessage

    var call: CallReference { get }
    /// Whether the request has come.
    var hasRequest: Bool { get set }
    /// Begins to tell. A failure ends the call.
    func begin(_ request: Request) throws(Failure)
}

extension WatchCall {
    func received(_ message: Span<UInt8>) {
        hasRequest = true
        do throws(Failure) {
            let request: Request
            do throws(MessageError) { request = try Request(decoding: message) } catch { throw Failure(error) }
            try begin(request)
        } catch {
            call.finish(error.status)
        }
    }

    func halfClosed() {
        if !hasRequest { call.finish(Failure.requestMissing.status) }
    }

    func drained() {}

    func draining() { call.finish(Failure.stopping.status) }
}

/// A call in the hands of a task. It holds on to its client, whose end would end the call: who needs the client for one
/// call only may let go of it once the call has begun.
final class ClientStream: MessageStream {
    private let exchange: CallExchange
    private let client: RPCClient

    init(_ exchange: CallExchange, of client: RPCClient) {
        self.exchange = exchange
        self.client = client
    }

    func send(_ message: [UInt8]) async throws(RPCError) { try await exchange.send(message) }

    func finish() { exchange.finish() }

    func next() async throws(RPCError) -> [UInt8]? { try await exchange.next() }

    func metadata() async throws(RPCError) -> [MetadataField] { try await exchange.metadata() }

    var trailers: [MetadataField] { exchange.trailers }

    func cancel() { exchange.cancel() }
}

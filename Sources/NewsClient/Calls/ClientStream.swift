/// A call in the hands of a task. It holds on to its client, whose end would end the call: who needs the client for one
/// call only may let go of it once the call has begun.
package final class ClientStream: MessageStream {
    private let exchange: CallExchange
    private let client: RPCClient

    init(_ exchange: CallExchange, of client: RPCClient) {
        self.exchange = exchange
        self.client = client
    }

    package func send(_ message: [UInt8]) async throws(RPCError) { try await exchange.send(message) }

    package func send(all messages: [[UInt8]]) async throws(RPCError) { try await exchange.send(all: messages) }

    /// Sends a message, compressed or not whatever the call's options say.
    package func send(_ message: [UInt8], isCompressed: Bool) async throws(RPCError) {
        try await exchange.send(message, isCompressed: isCompressed)
    }

    /// Whether the message that `next` returned last came compressed.
    package var lastWasCompressed: Bool { exchange.lastWasCompressed }

    package func finish() { exchange.finish() }

    package func next() async throws(RPCError) -> [UInt8]? { try await exchange.next() }

    package func metadata() async throws(RPCError) -> [MetadataField] { try await exchange.metadata() }

    package var trailers: [MetadataField] { exchange.trailers }

    package func cancel() { exchange.cancel() }
}

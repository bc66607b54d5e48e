package import EventLoops
package import GRPCCall

/// A gRPC server on one loop, to be used on that loop's thread.
///
/// `CallServer` has one for each of its loops. Alone it serves on a loop that its maker runs: then nothing happens on
/// any other thread, and the same bytes lead to the same turns each time.
package final class LoopServer {
    /// The addresses it listens on, with their real ports.
    package let addresses: [SocketAddress]
    let context: LoopContext

    /// Listens.
    package convenience init(
        _ configuration: CallServer.Configuration, on loop: EventLoop, _ dispatcher: any CallDispatcher
    ) throws {
        try self.init(configuration, on: loop, dispatcher, index: 0, of: 1)
    }

    init(
        _ configuration: CallServer.Configuration, on loop: EventLoop, _ dispatcher: any CallDispatcher, index: Int,
        of count: Int
    ) throws {
        let context = LoopContext(
            loop: loop, dispatcher: dispatcher, routing: configuration.routing, settings: configuration.settings,
            access: configuration.access, log: configuration.log, certificates: configuration.certificates)
        self.context = context
        addresses = try Self.listen(loop, context, index, count, configuration.addresses)
    }

    /// Sockets of the network are opened by every loop, and the kernel spreads connections over them; a unix socket has
    /// one listener.
    private static func listen(
        _ loop: EventLoop, _ context: LoopContext, _ index: Int, _ count: Int, _ addresses: [SocketAddress]
    ) throws -> [SocketAddress] {
        var bound: [SocketAddress] = []
        for address in addresses {
            if case .unix = address, index > 0 {
                bound.append(address)
                continue
            }
            let isNetwork = address.port != nil
            let accept = { [context] transport in context.add(transport, isNetwork: isNetwork) }
            bound.append(try loop.listen(on: address, reusePort: count > 1, accept: accept))
        }
        return bound
    }

    /// Takes no new calls and lets those that run finish within the grace.
    ///
    /// - Parameter done: called once nothing runs any more, or the grace is over.
    package func drain(_ done: @escaping () -> Void) { context.drain(done) }
}

@available(*, unavailable) extension LoopServer: Sendable {}

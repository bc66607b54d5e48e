package import Access
package import EventLoops
package import GRPCCall
package import ServerLog
internal import Threads

/// A gRPC server: loops on threads of their own, each with a listener and services of its own.
package final class CallServer: Sendable {
    /// What a server is started with.
    package struct Configuration: Sendable {
        /// Where it listens. A port 0 becomes a free one.
        package var addresses: [SocketAddress]
        /// Loops. Nil: one for each processor.
        package var loopCount: Int?
        package var routing: RoutingTable
        package var settings = ServerSettings()
        /// Who may call, and how much. `nil`: anybody, and as much as they like.
        package var access: AccessControl?
        package var log = EventLog()
        /// What connections of the network get their TLS of; `nil`: they speak without. Those of unix sockets always
        /// do: who may connect is said by the file's mode.
        package var certificates: TLSCertificates?

        package init(addresses: [SocketAddress], routing: RoutingTable) {
            self.addresses = addresses
            self.routing = routing
        }
    }

    /// The addresses it listens on, with their real ports.
    package let addresses: [SocketAddress]
    private let loops: [ServerLoop]

    /// Starts the loops and listens.
    ///
    /// - Parameter makeDispatcher: makes the services of one loop, on that loop's thread; its argument counts the loops
    ///   from 0.
    package init(
        _ configuration: Configuration, makeDispatcher: @escaping @Sendable (Int) throws -> any CallDispatcher
    ) throws {
        let count = max(1, configuration.loopCount ?? Processors.availableCount)
        var configuration = configuration
        var started: [ServerLoop] = []
        do {
            for index in 0..<count {
                let loop = try ServerLoop.start(index, of: count, configuration, makeDispatcher)
                started.append(loop)
                // The first loop finds the free ports; the others listen on the same.
                configuration.addresses = loop.addresses
            }
        } catch {
            for loop in started { loop.stop() }
            throw error
        }
        loops = started
        addresses = configuration.addresses
    }

    /// Who may call from now on, on connections that are there as well. Returns when all loops know.
    package func replaceCallers(_ table: AccessTable) {
        for loop in loops { loop.replaceCallers(table) }
    }

    /// Takes no new calls, lets running ones finish within the grace, and ends the loops. Returns when they have ended.
    package func stop() {
        for loop in loops { loop.drain() }
        for loop in loops { loop.join() }
    }
}

/// One loop of a server, seen from other threads.
private final class ServerLoop: Sendable {
    let addresses: [SocketAddress]
    private let context: LoopBound<LoopContext>
    private let thread: LoopThread
    private let drained = WaitFlag()

    private init(_ thread: LoopThread, _ context: LoopBound<LoopContext>, _ addresses: [SocketAddress]) {
        self.addresses = addresses
        self.context = context
        self.thread = thread
    }

    private typealias Started = (context: LoopBound<LoopContext>, addresses: [SocketAddress])

    /// Returns once the loop listens, or throws what kept it from that.
    static func start(
        _ index: Int, of count: Int, _ configuration: CallServer.Configuration,
        _ makeDispatcher: @escaping @Sendable (Int) throws -> any CallDispatcher
    ) throws -> ServerLoop {
        let thread = try LoopThread(name: "loop-\(index)")
        let started = thread.call { loop -> Result<Started, any Error> in
            Result {
                let context = LoopContext(
                    loop: loop, dispatcher: try makeDispatcher(index), routing: configuration.routing,
                    settings: configuration.settings, access: configuration.access, log: configuration.log,
                    certificates: configuration.certificates)
                let addresses = try listen(loop, context, index, count, configuration.addresses)
                return (LoopBound(context, loop: loop), addresses)
            }
        }
        switch started {
        case .success(let started): return ServerLoop(thread, started.context, started.addresses)
        case .failure(let error):
            thread.stop()
            throw error
        case nil: preconditionFailure("a loop stopped before it was told to")
        }
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

    func replaceCallers(_ table: AccessTable) {
        _ = thread.call { [context] _ in context.value.access?.replace(table) }
    }

    /// Lets running calls finish within the grace.
    func drain() {
        thread.post { [context, drained] _ in
            context.value.drain { drained.raise() }
        }
    }

    /// Waits for the end of a drain, then ends the loop.
    func join() {
        drained.wait()
        thread.stop()
    }

    func stop() { thread.stop() }
}

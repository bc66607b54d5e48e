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

    /// How long the turns of its loops took.
    package var turnTimes: [TurnTimes] { loops.map(\.turnTimes) }

    /// Takes no new calls, lets running ones finish within the grace, and ends the loops. Returns when they have ended.
    package func stop() {
        for loop in loops { loop.drain() }
        for loop in loops { loop.join() }
    }
}

/// One loop of a server, seen from other threads.
private final class ServerLoop: Sendable {
    let addresses: [SocketAddress]
    let turnTimes: TurnTimes
    private let server: LoopBound<LoopServer>
    private let thread: LoopThread
    private let drained = WaitFlag()

    private init(_ thread: LoopThread, _ started: Started) {
        addresses = started.addresses
        turnTimes = started.turnTimes
        server = started.server
        self.thread = thread
    }

    private typealias Started = (
        server: LoopBound<LoopServer>, addresses: [SocketAddress], turnTimes: TurnTimes
    )

    /// Returns once the loop listens, or throws what kept it from that.
    static func start(
        _ index: Int, of count: Int, _ configuration: CallServer.Configuration,
        _ makeDispatcher: @escaping @Sendable (Int) throws -> any CallDispatcher
    ) throws -> ServerLoop {
        let thread = try LoopThread(name: "loop-\(index)")
        let started = thread.call { loop -> Result<Started, any Error> in
            Result {
                let server = try LoopServer(
                    configuration, on: loop, try makeDispatcher(index), index: index, of: count)
                return (LoopBound(server, loop: loop), server.addresses, loop.turnTimes)
            }
        }
        switch started {
        case .success(let started): return ServerLoop(thread, started)
        case .failure(let error):
            thread.stop()
            throw error
        case nil: preconditionFailure("a loop stopped before it was told to")
        }
    }

    func replaceCallers(_ table: AccessTable) {
        _ = thread.call { [server] _ in server.value.context.access?.replace(table) }
    }

    /// Lets running calls finish within the grace.
    func drain() {
        thread.post { [server, drained] _ in
            server.value.drain { drained.raise() }
        }
    }

    /// Waits for the end of a drain, then ends the loop.
    func join() {
        drained.wait()
        thread.stop()
    }

    func stop() { thread.stop() }
}

package import EventLoops
import GRPCCall
package import NewsServer

extension CallServer {
    /// A server of the interop tests on `address`.
    package static func interop(_ address: SocketAddress) throws -> CallServer {
        var configuration = CallServer.Configuration(addresses: [address], routing: RoutingTable(Route.table))
        configuration.loopCount = 1
        configuration.settings.call.keepsMetadata = true
        // Compressed where a test asks for it.
        configuration.settings.call.compressedReplyMin = .max
        return try CallServer(configuration) { _ in InteropDispatcher() }
    }
}

package import EventLoops

extension RPCClient {
    /// What a client does, fixed when it is made.
    public struct Configuration: Sendable {
        /// Where the server is: "127.0.0.1:50051", "[::1]:50051", "news.example.com:50051", "unix:/run/newsrpc.sock";
        /// several addresses: "ipv4:10.0.0.1:50051,10.0.0.2:50051"; "dns:///news.example.com:50051" for a name.
        public var target: String
        /// Whether a connection to `target` does not leave the machine, so that nobody else reads along even without
        /// TLS.
        public var staysOnThisMachine: Bool { (try? ClientTarget(target))?.isOfThisMachine ?? false }
        /// Speaks TLS with the server. `nil`: speaks without.
        public var tls: ClientTLS?
        /// How calls are spread over several addresses.
        public var balancing = LoadBalancing.pickFirst
        /// How long a call may take that says nothing about it, connecting and further tries included.
        public var defaultTimeout: Duration = .seconds(30)
        /// How long an attempt to connect to one address may take, until the server has shown itself to speak HTTP/2.
        public var connectTimeout: Duration = .seconds(20)
        /// How long the name service may take.
        public var lookupTimeout: Duration = .seconds(20)
        /// When calls that failed are tried again. `nil`: only those that the server has certainly not begun with.
        public var retryPolicy: RetryPolicy? = RetryPolicy()
        /// Asks a silent server whether it is still there. `nil`: never.
        public var keepalive: Keepalive?
        /// How long there must have been no call before connections are closed. `nil`: they are kept.
        public var idleTimeout: Duration? = .seconds(30 * 60)
        /// Sent before the library's own name and version, such as "my-service/2.1".
        public var userAgent = ""
        /// Largest message taken from the server, in bytes.
        public var responseMessageMax = 4 << 20
        /// Largest message sent, in bytes. A call with a larger one fails here.
        public var requestMessageMax = 4 << 20
        /// Largest header section taken from the server, in bytes: names, values and 32 for each field.
        public var headerListMax = 8 << 10
        /// Told what happens to connections and which calls are tried again, one line each. Called on the client's
        /// thread: it must not wait.
        public var log: (@Sendable (String) -> Void)?

        /// How long to rest after failed attempts.
        package var backOff = BackOff()
        /// How long one address has before the next one is tried beside it (gRFC A61).
        package var connectionAttemptDelay: Duration = .milliseconds(250)
        /// Time between two look-ups of a name some of whose addresses answer.
        package var lookupInterval: Duration = .seconds(30)
        /// Least `Keepalive.time` (gRFC A8).
        package var keepaliveTimeMin: Duration = .seconds(10)
        /// From 0 to 1, equally likely.
        package var random: @Sendable () -> Double = { Double.random(in: 0..<1) }
        /// Asks the name service, and may take its time.
        package var lookup: @Sendable (String) throws(AddressError) -> [SocketAddress] = { name throws(AddressError) in
            try SocketAddress.resolve(name)
        }

        public init(target: String) { self.target = target }

        /// From -1 to 1, equally likely.
        var jitterChance: Double { random() * 2 - 1 }
    }
}

extension RPCClient {
    /// The library's version, as it stands in the user agent.
    public static let version = "0.1.0"

    /// What `user-agent` says.
    static func userAgent(_ own: String) -> String {
        let library = "grpc-swift-newsrpc/\(version)"
        return own.isEmpty ? library : "\(own) \(library)"
    }
}

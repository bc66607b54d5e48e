extension RPCClient {
    /// What a client does, fixed when it is made.
    public struct Configuration: Sendable {
        /// Where the server is: "127.0.0.1:50051", "[::1]:50051", "news.example.com:50051" or "unix:/run/newsrpc.sock".
        public var target: String
        /// How long a call may take that says nothing about it, connecting included.
        public var defaultTimeout: Duration = .seconds(30)
        /// How long an attempt to connect to one address may take, until the server has shown itself to speak HTTP/2.
        public var connectTimeout: Duration = .seconds(20)
        /// Sent before the library's own name and version, such as "my-service/2.1".
        public var userAgent = ""
        /// Largest message taken from the server, in bytes.
        public var responseMessageMax = 4 << 20
        /// Largest message sent, in bytes. A call with a larger one fails here.
        public var requestMessageMax = 4 << 20
        /// Largest header section taken from the server, in bytes: names, values and 32 for each field.
        public var headerListMax = 8 << 10

        /// How long to rest after failed attempts.
        package var backOff = BackOff()

        public init(target: String) { self.target = target }
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

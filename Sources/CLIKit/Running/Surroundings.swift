package import Files
package import NewsClient
package import NewsModel

/// All that a command meets outside itself. A test puts its own in place of each.
package struct Surroundings: Sendable {
    package var input: any ByteSource
    package var output: any ByteSink
    package var errors: any ByteSink
    package var files: any FileAccess
    /// An environment variable; `nil` when it is unset.
    package var environment: @Sendable (String) -> String?
    /// The rules of a zone by its IANA name; `nil` when this system does not know it.
    package var zone: @Sendable (String) -> ZoneRules?
    /// The zone of this system, for times whose zone is not told.
    package var localZone: ZoneRules
    /// Nanoseconds that grow evenly, from any start.
    package var monotonicNow: @Sendable () -> Int64
    package var pause: @Sendable (Duration) async -> Void
    /// Makes a connection to a server.
    package var connect: @Sendable (ServerPlace) throws(RPCError) -> ServerConnection
    /// Calls back with `.interrupted` or `.terminated` when the user or the system asks the program to end.
    package var onInterrupt: @Sendable (@escaping @Sendable (Termination) -> Void) -> Void

    package init(
        input: any ByteSource, output: any ByteSink, errors: any ByteSink, files: any FileAccess,
        environment: @escaping @Sendable (String) -> String?, zone: @escaping @Sendable (String) -> ZoneRules?,
        localZone: ZoneRules, monotonicNow: @escaping @Sendable () -> Int64,
        pause: @escaping @Sendable (Duration) async -> Void,
        connect: @escaping @Sendable (ServerPlace) throws(RPCError) -> ServerConnection,
        onInterrupt: @escaping @Sendable (@escaping @Sendable (Termination) -> Void) -> Void
    ) {
        self.input = input
        self.output = output
        self.errors = errors
        self.files = files
        self.environment = environment
        self.zone = zone
        self.localZone = localZone
        self.monotonicNow = monotonicNow
        self.pause = pause
        self.connect = connect
        self.onInterrupt = onInterrupt
    }
}

/// Where a server is, and how to speak with it.
package struct ServerPlace: Sendable {
    /// Such as "127.0.0.1:50051".
    package var address: String
    /// `nil`: without TLS.
    package var tls: ClientTLS?
    /// Told what happens to connections and calls, for a curious user.
    package var log: (@Sendable (String) -> Void)?

    package init(address: String, tls: ClientTLS? = nil, log: (@Sendable (String) -> Void)? = nil) {
        self.address = address
        self.tls = tls
        self.log = log
    }
}

/// A way to a server, and how to leave it.
package struct ServerConnection: Sendable {
    package var channel: any CallChannel
    package var close: @Sendable () async -> Void

    package init(channel: any CallChannel, close: @escaping @Sendable () async -> Void) {
        self.channel = channel
        self.close = close
    }
}

/// Takes bytes in order.
package protocol ByteSink: Sendable {
    var isTerminal: Bool { get }
    /// Columns of the terminal, if it is one and tells.
    var columns: Int? { get }
    /// Writes all bytes. A reader that went away is `.brokenPipe`.
    func write(_ bytes: [UInt8]) throws(FileError)
}

/// Gives bytes in order.
package protocol ByteSource: Sendable {
    /// The next bytes, `count` of them unless the end comes first; empty: the end.
    func read(upTo count: Int) throws(FileError) -> [UInt8]
}

/// One that can be read more than once.
package protocol PlacedSource: ByteSource {
    /// `count` bytes from a place on, fewer if the end comes first, wherever `read(upTo:)` has come to.
    ///
    /// - Parameter count: at least 1.
    func read(upTo count: Int, at offset: Int) throws(FileError) -> [UInt8]
}

extension ByteSource {
    /// All bytes up to the end.
    func readAll() throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        while case let piece = try read(upTo: 1 << 16), !piece.isEmpty { bytes += piece }
        return bytes
    }
}

/// Opens files to be read.
package protocol FileAccess: Sendable {
    func open(_ path: String) throws(FileError) -> any ByteSource
    func size(of path: String) throws(FileError) -> Int
    /// Makes or replaces a file in one step.
    func replace(_ path: String, _ bytes: [UInt8]) throws(FileError)
}

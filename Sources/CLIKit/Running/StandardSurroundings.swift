package import Files
internal import NewsClient
internal import NewsModel
internal import Threads

extension Surroundings {
    /// The process's own streams, files, environment and signals.
    ///
    /// To be made before the first thread starts: signals are held back in all threads that follow.
    package static func ofProcess() -> Surroundings {
        StandardStream.ignoreBrokenPipes()
        Interrupts.block()
        let clock = ContinuousClock()
        let start = clock.now
        let zone: @Sendable (String) -> ZoneRules? = { name in
            guard let bytes = try? ZoneInfo.read(name) else { return nil }
            return try? ZoneRules(name: name, tzif: bytes)
        }
        return Surroundings(
            input: StandardStream.input, output: StandardStream.output, errors: StandardStream.errors,
            files: SystemFiles(), environment: { ProcessEnvironment.value(of: $0) }, zone: zone,
            localZone: ZoneInfo.systemZoneName().flatMap(zone) ?? .utc,
            monotonicNow: { Int64((clock.now - start) / .nanoseconds(1)) },
            pause: { duration in try? await Task.sleep(for: duration) },
            connect: { place throws(RPCError) in
                var configuration = RPCClient.Configuration(target: place.address)
                configuration.tls = place.tls
                configuration.log = place.log
                configuration.userAgent = "\(Console.programName)/\(VersionCommand.version)"
                let client = try RPCClient(configuration)
                return ServerConnection(channel: client) { await client.close() }
            },
            onInterrupt: { body in
                Interrupts.watch { signal in body(signal == .terminate ? .terminated : .interrupted) }
            })
    }
}

extension StandardStream: ByteSink, ByteSource {
    package var columns: Int? { terminalWidth }
    package func write(_ bytes: [UInt8]) throws(FileError) { try write(bytes.span) }
}

extension FileReader: PlacedSource {}

/// The file system of this machine.
struct SystemFiles: FileAccess {
    func open(_ path: String) throws(FileError) -> any ByteSource { try FileReader(path) }
    func size(of path: String) throws(FileError) -> Int { try FileSystem.size(path) }
    func replace(_ path: String, _ bytes: [UInt8]) throws(FileError) { try FileSystem.writeAtomically(path, bytes) }
}

import ArgumentParser
import EventLoops

/// Options of `serve` about its administration.
struct AdminOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where 'newsrpc-cli admin' is answered, such as 127.0.0.1:50052; nowhere when left out.",
            valueName: "address"))
    var adminListen: [String] = []

    @Option(help: ArgumentHelp("Folder below which 'newsrpc-cli admin backup' puts backups.", valueName: "dir"))
    var backupRoot: String?

    func addresses() throws -> [SocketAddress] {
        try adminListen.map { text in
            do {
                return try SocketAddress(parsing: text)
            } catch {
                throw ValidationError("--admin-listen \(text): \(error)")
            }
        }
    }
}

internal import ArgumentParser
internal import Files

/// Writes the Swift that follows from Protos/: message values and their codec, the routing table, the service
/// protocols, the client's calls and the descriptor set. Run by `make protos`.
struct Protogen: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "newsrpc-protogen",
        abstract: "Writes the Swift code that follows from a protobuf schema.",
        discussion: "Example: newsrpc-protogen --schema commented.binpb --set plain.binpb --output Sources")

    @Option(help: "A FileDescriptorSet with imports and comments (protoc --include_imports --include_source_info).")
    var schema: String

    @Option(help: "The same set without comments: the one that the server hands out. None: nothing hands it out.")
    var set: String?

    @Option(help: "The folder of the targets; with --plain the one that gets all files.")
    var output: String

    @Flag(help: "For a target of tests: messages, routes, handlers and calls in one folder, and no C behind them.")
    var plain = false

    func run() throws {
        let schema = try DescriptorReader.read(FileSystem.read(self.schema))
        try SchemaRules.check(schema)
        let names = try SwiftNames(schema)
        if plain { try PlainCodecEmitter.check(schema) }
        let files =
            try plain
            ? Self.plainFiles(schema, names)
            : Self.files(schema, names, descriptorSet: set.map { try FileSystem.read($0) } ?? [])
        for (path, text) in files {
            let destination = "\(output)/\(path)"
            try FileSystem.makeDirectory(FileSystem.parent(of: destination), intermediates: true)
            try FileSystem.writeAtomically(destination, Array(text.utf8))
        }
    }

    /// The files of a test's own schema, which lies outside of the product.
    static func plainFiles(_ schema: Schema, _ names: SwiftNames) -> [(path: String, text: String)] {
        var files = schema.files.map { file in
            ("\(Naming.fileStem(file.name)).swift", ValueEmitter(names, codec: .plain).emit(file))
        }
        files.append(("Routes.swift", RouteEmitter.emit(schema)))
        files.append(("Handlers.swift", HandlerEmitter(names).emit(schema)))
        files.append(("Calls.swift", CallEmitter(names, imports: ["public import NewsClient"]).emit(schema)))
        return files
    }

    /// Every generated file, by its path in the folder of the targets.
    static func files(
        _ schema: Schema, _ names: SwiftNames, descriptorSet: [UInt8]
    ) throws -> [(path: String, text: String)] {
        var files: [(path: String, text: String)] = []
        for file in schema.files {
            let stem = "NewsMessages/Generated/\(Naming.fileStem(file.name))"
            files.append(("\(stem).swift", ValueEmitter(names).emit(file)))
            if !file.messages.isEmpty { files.append(("\(stem)Codec.swift", CodecEmitter(names).emit(file))) }
        }
        files.append(("NewsMessages/Generated/DescriptorSetBytes.swift", DescriptorSetEmitter.emit(descriptorSet)))
        files.append(("NewsService/Generated/Routes.swift", RouteEmitter.emit(schema)))
        files.append(("NewsService/Generated/Handlers.swift", HandlerEmitter(names).emit(schema)))
        files.append(("NewsClient/Generated/Calls.swift", CallEmitter(names).emit(schema)))
        return files
    }
}

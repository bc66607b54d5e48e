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

    @Option(help: "The same set without comments: the one that the server hands out.")
    var set: String

    @Option(help: "The folder of the targets.")
    var output: String

    func run() throws {
        let schema = try DescriptorReader.read(FileSystem.read(self.schema))
        try SchemaRules.check(schema)
        let names = try SwiftNames(schema)
        for (path, text) in try Self.files(schema, names, descriptorSet: FileSystem.read(set)) {
            let destination = "\(output)/\(path)"
            try FileSystem.makeDirectory(FileSystem.parent(of: destination), intermediates: true)
            try FileSystem.writeAtomically(destination, Array(text.utf8))
        }
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

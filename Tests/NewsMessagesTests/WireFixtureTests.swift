import Foundation
import NewsMessages
import Testing

@Suite("The wire as another implementation writes it") struct WireFixtureTests {
    @Test("each fixture is read as its value, and written as its bytes", arguments: WireFixture.all)
    func bothWays(fixture: WireFixture) throws {
        try check(fixture.value, try fixture.bytes())
    }

    private func check<Message: ProtoMessage>(_ value: Message, _ bytes: [UInt8]) throws {
        #expect(try Message(decoding: bytes) == value)
        #expect(value.encoded() == bytes)
    }

    @Test(
        "protoc writes the same bytes from the fixture's text", .enabled(if: Protoc.path != nil),
        arguments: WireFixture.all)
    func protocEncodes(fixture: WireFixture) throws {
        let text = try Data(contentsOf: URL(filePath: fixture.textPath))
        let name = type(of: fixture.value).protoName
        #expect(try Protoc.run(["--encode=\(name)"], input: text) == Data(fixture.value.encoded()))
    }

    @Test("protoc reads what is written here, and what it writes then is read", .enabled(if: Protoc.path != nil))
    func protocDecodes() throws {
        for message in Sample.all { try checkThroughProtoc(message) }
    }

    /// Compares values, not bytes: protoc writes the key and the value of a map's entry even when they are empty.
    private func checkThroughProtoc<Message: ProtoMessage>(_ message: Message) throws {
        let text = try Protoc.run(["--decode=\(Message.protoName)"], input: Data(message.encoded()))
        let bytes = try Protoc.run(["--encode=\(Message.protoName)"], input: text)
        #expect(try Message(decoding: Array(bytes)) == message)
    }
}

/// The compiler of the schema, when this machine has it.
enum Protoc {
    static let path = ["/usr/bin/protoc", "/usr/local/bin/protoc"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    struct Failure: Error { let status: Int32 }

    static func run(_ arguments: [String], input: Data) throws -> Data {
        let process = Process()
        process.executableURL = URL(filePath: try #require(path))
        let files = [
            "news/v1/article.proto", "news/v1/news_service.proto", "news/v1/admin_service.proto",
            "news/v1/engagement_service.proto",
            "google/rpc/status.proto",
            "google/rpc/error_details.proto", "grpc/health/v1/health.proto",
            "grpc/reflection/v1/reflection.proto", "grpc/reflection/v1alpha/reflection.proto",
        ]
        process.arguments = ["-I\(WireFixture.root)/Protos"] + arguments + files
        let stdin = Pipe()
        let stdout = Pipe()
        process.standardInput = stdin
        process.standardOutput = stdout
        try process.run()
        // The messages are far below the size of a pipe, so that neither side waits for the other.
        try stdin.fileHandleForWriting.write(contentsOf: input)
        try stdin.fileHandleForWriting.close()
        let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(status: process.terminationStatus) }
        return output
    }
}

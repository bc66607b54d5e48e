import Foundation
import TestKit
import Testing

/// The generator refuses schemas that protobuf-c 1.4 would serve badly.
@Suite("Rules of the schema", .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/protoc")))
struct SchemaRuleTests {
    private func generate(_ text: String) async throws -> (outcome: Subprocess.Outcome, output: TemporaryDirectory) {
        let folder = try TemporaryDirectory("schema")
        try Data(text.utf8).write(to: URL(filePath: folder.entry("test.proto")))
        let set = folder.entry("set.binpb")
        let compiled = try await Subprocess.run(
            "protoc", ["-I\(folder.path)", "--include_source_info", "--descriptor_set_out=\(set)", "test.proto"])
        try #require(compiled.status == 0, "\(compiled.output)")
        let outcome = try await Subprocess.run(
            Places.programs.appending(path: "newsrpc-protogen").path,
            ["--schema", set, "--set", set, "--output", folder.entry("Sources")])
        return (outcome, folder)
    }

    @Test(
        "a schema that breaks a rule is refused by the name of the part at fault",
        arguments: [
            ("optional int32 a = 1;", "test.v1.M.a: protoc-c refuses files with proto3 optional"),
            ("M inner = 1;", "test.v1.M: contains itself"),
            ("map<int32, string> a = 1;", "test.v1.M.AEntry.key: only maps with text as their key are written"),
            ("Choice c = 1;", "test.v1.M.c: test.v1.Choice has a oneof, and is refused when such a field comes twice"),
            (
                "int32 unknown_fields = 1;",
                "test.v1.M.unknown_fields: has a name that every message has for something else"
            ),
        ])
    func refused(field: String, message: String) async throws {
        let proto = """
            syntax = "proto3";
            package test.v1;
            message Choice { oneof which { int32 one = 1; string other = 2; } }
            message M { \(field) }
            """
        let (outcome, _) = try await generate(proto)
        #expect(outcome.status != 0)
        #expect(outcome.output.contains(message), "\(outcome.output)")
    }

    @Test("two types that would have one name in Swift are refused") func names() async throws {
        let proto = """
            syntax = "proto3";
            package google.protobuf;
            message Any {}
            message AnyMessage {}
            """
        let (outcome, _) = try await generate(proto)
        #expect(outcome.output.contains("would be called AnyMessage in Swift"), "\(outcome.output)")
    }

    @Test("every kind of field is written as its Swift type") func kinds() async throws {
        let proto = """
            syntax = "proto3";
            package test.v1;
            // A message.
            message M {
              // Two of
              // two lines.
              double a = 1; repeated fixed64 b = 2; sint32 default = 3; bytes d_e = 4; map<string, Color> f = 5;
              oneof kind { bool g = 6; Inner h = 7; }
              message Inner {}
            }
            enum Color { COLOR_UNSPECIFIED = 0; COLOR_DARK_RED = 1; }
            """
        let (outcome, output) = try await generate(proto)
        #expect(outcome.status == 0, "\(outcome.output)")
        let file = URL(filePath: output.entry("Sources/NewsMessages/Generated/Test.swift"))
        let text = try String(contentsOf: file, encoding: .utf8)
        for line in [
            "/// A message.", "    /// Two of", "    /// two lines.", "    public var a: Double = 0",
            "    public var b: [UInt64] = []", "    public var `default`: Int32 = 0", "    public var dE: [UInt8] = []",
            "    public var f: [String: Color] = [:]", "    public enum Kind: Hashable, Sendable {",
            "        case h(M.Inner)", "    public var kind: Kind?",
            "    public static let darkRed = Self(rawValue: 1)",
        ] {
            #expect(text.contains("\n" + line + "\n") || text.hasPrefix(line), "\(line) is not in\n\(text)")
        }
    }
}

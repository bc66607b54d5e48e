import Foundation
import NewsMessages
import Testing

/// Stores and clients of a release must be understood by every later one: the wire format is the disk format.
///
/// A release copies its descriptor set to Protos/released/vX.Y.Z.binpb (`protoc --include_imports
/// --descriptor_set_out=...` over Protos/, as scripts/protos.sh runs it for the generator) and never touches those of
/// earlier ones.
@Suite("The schema keeps what was released") struct ReleasedSchemaTests {
    private static let folder = WireFixture.root + "/Protos/released"

    static var releases: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".binpb") }.sorted()
    }

    @Test(
        "every part of a released schema is as it was: number, type, cardinality, oneof, enum number, streaming",
        arguments: releases)
    func extends(release: String) throws {
        let bytes = try Data(contentsOf: URL(filePath: "\(Self.folder)/\(release)"))
        let released = FlatSchema(Array(bytes))
        let current = FlatSchema(DescriptorSet.bytes)
        #expect(!released.parts.isEmpty)
        for (name, part) in released.parts.sorted(by: { $0.key < $1.key }) {
            #expect(current.parts[name] == part, "\(name) of \(release)")
        }
    }

    @Test("there is a released schema to hold it against") func exists() {
        #expect(Self.releases.contains("v0.1.0.binpb"))
    }

    @Test("the descriptor set holds the files of the API, those they import before them") func files() throws {
        let schema = FlatSchema(DescriptorSet.bytes)
        let wanted = [
            "google/protobuf/timestamp.proto", "google/rpc/status.proto", "grpc/health/v1/health.proto",
            "news/v1/article.proto", "news/v1/news_service.proto",
        ]
        #expect(Set(wanted).isSubset(of: Set(schema.files)))
        let timestamp = try #require(schema.files.firstIndex(of: "google/protobuf/timestamp.proto"))
        let article = try #require(schema.files.firstIndex(of: "news/v1/article.proto"))
        let service = try #require(schema.files.firstIndex(of: "news/v1/news_service.proto"))
        #expect(timestamp < article && article < service)
        #expect(schema.parts["news.v1.Article.body"] == "field 16, cardinality 1, type 9 ")
        #expect(schema.parts["news.v1.NewsService.ImportArticles"]?.hasSuffix("requests true, responses true") == true)
    }

    @Test("the descriptor set is what protoc makes of Protos/", .enabled(if: Protoc.path != nil)) func current() throws
    {
        let set = try Protoc.run(["--include_imports", "--descriptor_set_out=/dev/stdout"], input: Data())
        #expect(FlatSchema(Array(set)).parts == FlatSchema(DescriptorSet.bytes).parts)
    }
}

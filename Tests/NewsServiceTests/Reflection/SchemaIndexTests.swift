import GRPCCall
import NewsMessages
import NewsService
import Testing

@Suite("What a schema declares") struct SchemaIndexTests {
    /// Two files, one of which imports the other and extends its message.
    private static let small = SchemaIndex(
        fileDescriptorSet: Descriptor {
            $0.add(1) { file in
                file.add(1, "base.proto")
                file.add(2, "base.v1")
                file.add(4) { $0.add(1, "Open") }
            }
            $0.add(1) { file in
                file.add(1, "more.proto")
                file.add(3, "base.proto")
                file.add(4) { message in
                    message.add(1, "Outer")
                    message.add(6) { $0.addExtension("inner_extra", of: ".base.v1.Open", number: 101) }
                }
                file.add(7) { $0.addExtension("extra", of: ".base.v1.Open", number: 100) }
            }
        }.bytes)

    private func name(_ file: [UInt8]?) -> String? {
        file.flatMap { file in
            Descriptor.fields(file).first { $0.number == 1 }.map { String(decoding: $0.bytes, as: UTF8.self) }
        }
    }

    private func names(_ files: [[UInt8]]?) -> [String]? { files.map { $0.compactMap { name($0) } } }

    @Test(
        "F: every kind of declaration leads to its file",
        arguments: [
            ("news.v1.NewsService", "news/v1/news_service.proto"),
            ("news.v1.NewsService.GetArticle", "news/v1/news_service.proto"),
            ("news.v1.EngagementService.AddReaction", "news/v1/engagement_service.proto"),
            ("news.v1.Article", "news/v1/article.proto"),
            ("news.v1.Article.title", "news/v1/article.proto"),
            ("news.v1.TimePrecision", "news/v1/article.proto"),
            ("news.v1.TIME_PRECISION_DAY", "news/v1/article.proto"),
            ("news.v1.TimePrecision.TIME_PRECISION_DAY", "news/v1/article.proto"),
            ("google.rpc.BadRequest.FieldViolation.field", "google/rpc/error_details.proto"),
            ("grpc.health.v1.HealthCheckResponse.ServingStatus", "grpc/health/v1/health.proto"),
            ("grpc.health.v1.HealthCheckResponse.SERVING", "grpc/health/v1/health.proto"),
            ("grpc.health.v1.Health.Check", "grpc/health/v1/health.proto"),
            ("grpc.reflection.v1.ServerReflectionRequest.message_request", "grpc/reflection/v1/reflection.proto"),
            ("grpc.reflection.v1alpha.ServerReflection", "grpc/reflection/v1alpha/reflection.proto"),
        ])
    func symbols(symbol: String, file: String) {
        #expect(names(SchemaIndex.shared.files(declaring: symbol))?.first == file)
    }

    @Test(
        "F: what is not declared leads nowhere",
        arguments: ["", ".", "news", "news.v1", "news.v1.", "news.v1.Articl", "news.v1.NewsService.Absent", "Article"])
    func absent(symbol: String) { #expect(SchemaIndex.shared.files(declaring: symbol) == nil) }

    @Test("F: a file comes first, and with it all that it imports, each once")
    func imports() throws {
        let files = try #require(SchemaIndex.shared.files(named: "news/v1/news_service.proto"))
        #expect(
            names(files) == [
                "news/v1/news_service.proto", "google/protobuf/duration.proto", "google/protobuf/field_mask.proto",
                "google/protobuf/timestamp.proto", "news/v1/article.proto",
            ])
        // The bytes are those of the descriptor set.
        #expect(Descriptor.fields(DescriptorSet.bytes).filter { files.contains($0.bytes) }.count == 5)
        #expect(SchemaIndex.shared.files(named: "news/v1/absent.proto") == nil)
    }

    @Test("F: all services are listed, reflection too") func services() {
        #expect(
            SchemaIndex.shared.services == [
                "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                "grpc.reflection.v1alpha.ServerReflection", "news.v1.NewsService", "news.v1.AdminService",
                "news.v1.EngagementService",
            ])
        #expect(Set(Route.allCases.map { "\($0.descriptor.service)" }) == Set(SchemaIndex.shared.services))
    }

    @Test("F: extensions are found by their message and number, and by name") func extensions() {
        #expect(Self.small.extensionNumbers(of: "base.v1.Open") == [100, 101])
        #expect(Self.small.extensionNumbers(of: "Outer") == [])
        #expect(Self.small.extensionNumbers(of: "base.v1.Absent") == nil)
        for number in [100, 101] as [Int32] {
            let files = Self.small.files(extending: "base.v1.Open", number: number)
            #expect(names(files) == ["more.proto", "base.proto"])
        }
        #expect(Self.small.files(extending: "base.v1.Open", number: 102) == nil)
        #expect(Self.small.files(extending: "Outer", number: 100) == nil)
        #expect(names(Self.small.files(declaring: "extra"))?.first == "more.proto")
        #expect(names(Self.small.files(declaring: "Outer.inner_extra"))?.first == "more.proto")
    }

    @Test("bytes that are no descriptor set declare nothing, and harm nobody")
    func garbage() {
        for bytes in [[0xFF], [0x0A, 0x7F], [0x0A, 0x02, 0x22, 0x7F]] as [[UInt8]] {
            #expect(SchemaIndex(fileDescriptorSet: bytes).services.isEmpty)
        }
    }
}

/// Writes and reads the fields of a small message.
struct Descriptor {
    private(set) var bytes: [UInt8] = []

    init(_ fill: (inout Descriptor) -> Void) { fill(&self) }

    mutating func add(_ number: UInt8, _ fill: (inout Descriptor) -> Void) { add(number, Descriptor(fill).bytes) }

    mutating func add(_ number: UInt8, _ text: String) { add(number, Array(text.utf8)) }

    mutating func addExtension(_ name: String, of extendee: String, number: UInt8) {
        add(1, name)
        add(2, extendee)
        bytes += [3 << 3, number]
    }

    private mutating func add(_ number: UInt8, _ content: [UInt8]) {
        bytes.append(number << 3 | 2)
        var rest = content.count
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
        bytes += content
    }

    /// The fields that have a length.
    static func fields(_ message: [UInt8]) -> [(number: UInt32, bytes: [UInt8])] {
        var fields: [(number: UInt32, bytes: [UInt8])] = []
        var reader = WireReader()
        while let field = reader.next(in: message.span) {
            if case .bytes(let range) = field.content { fields.append((field.number, Array(message[range]))) }
        }
        return fields
    }
}

import ProtoJSON
import Testing

@Suite("Schemas") struct SchemaTests {
    @Test("list the messages of a descriptor set, map entries aside")
    func names() throws {
        let names = try kindsSchema().messageNames
        #expect(names.contains("kinds.Kinds") && names.contains("google.protobuf.Timestamp"))
        #expect(!names.contains { $0.hasSuffix("Entry") && $0.hasPrefix("kinds") })
    }

    @Test("refuse every cut of a descriptor set that is not a whole number of files")
    func cuts() throws {
        let whole = try #require(Base64.decode(kindsDescriptors))
        var readable = 0
        for count in 1..<whole.count where (try? Schema(fileDescriptorSet: Array(whole.prefix(count)))) != nil {
            readable += 1
        }
        #expect(readable == 6)  // After each of the six imported files.
    }
}

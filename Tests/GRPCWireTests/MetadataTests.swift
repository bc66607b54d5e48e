import GRPCWire
import Testing

@Suite("Metadata") struct MetadataTests {
    private func received(_ fields: [(String, [UInt8])]) throws -> Metadata {
        var metadata = Metadata()
        for (name, value) in fields { try metadata.receive(name: Array(name.utf8).span, value: value.span) }
        return metadata
    }

    @Test("keeps order and repeated names")
    func order() throws {
        var metadata = Metadata()
        try metadata.add("b", text: "1")
        try metadata.add("a-bin", bytes: [1, 2, 3])
        try metadata.add("b", text: "2")
        #expect(metadata.fields.map(\.name) == ["b", "a-bin", "b"])
        #expect(metadata.text("b") == "1")
        #expect(metadata.bytes("a-bin") == [1, 2, 3])
        #expect(metadata.text("absent") == nil)
    }

    @Test("A16: bytes go out as base64 without padding, text as it is")
    func wireFields() throws {
        var metadata = Metadata()
        try metadata.add("trace-bin", bytes: Array("f".utf8))
        try metadata.add("who", text: "  me and you ")
        #expect(metadata.wireFields.map(\.name) == ["trace-bin", "who"])
        #expect(metadata.wireFields.map { String(decoding: $0.value, as: UTF8.self) } == ["Zg", "me and you"])
    }

    @Test(
        "names that the protocol uses are refused",
        arguments: [
            ":path", "te", "content-type", "grpc-timeout", "grpc-anything-bin", "user-agent", "host", "connection",
            "content-length",
        ])
    func reserved(name: String) {
        var metadata = Metadata()
        #expect(throws: MetadataError.reservedName(name)) { try metadata.add(name, text: "x") }
        #expect(throws: MetadataError.reservedName(name)) { try metadata.add(name, bytes: []) }
    }

    @Test("names with other characters are refused", arguments: ["", "Upper", "a b", "naïve", "a:b", "a\n"])
    func invalidName(name: String) {
        var metadata = Metadata()
        #expect(throws: MetadataError.invalidName(name)) { try metadata.add(name, text: "x") }
    }

    @Test("text and bytes are kept apart by the name")
    func wrongKind() {
        var metadata = Metadata()
        #expect(throws: MetadataError.wrongKind("a-bin")) { try metadata.add("a-bin", text: "x") }
        #expect(throws: MetadataError.wrongKind("a")) { try metadata.add("a", bytes: [1]) }
    }

    @Test("text to be sent is printable ASCII", arguments: ["a\nb", "é", "\u{0}", "\u{7F}"])
    func invalidText(text: String) {
        var metadata = Metadata()
        #expect(throws: MetadataError.invalidText(name: "a")) { try metadata.add("a", text: text) }
    }

    @Test("A15: text with bytes above 0x7F is delivered as it came")
    func rawText() throws {
        let metadata = try received([("who", [0x61, 0x80, 0xFF])])
        #expect(metadata.fields.map(\.value) == [[0x61, 0x80, 0xFF]])
        #expect(metadata.text("who") == "a\u{FFFD}\u{FFFD}")
    }

    @Test("A16: a joined -bin field is as many fields")
    func joined() throws {
        let metadata = try received([("a-bin", Array("Zg==,Zm8".utf8))])
        #expect(metadata.fields.map(\.value) == [Array("f".utf8), Array("fo".utf8)])
        #expect(metadata.fields.map(\.isBinary) == [true, true])
    }

    @Test("A17: a -bin field that is not base64 is an error")
    func invalidBase64() {
        #expect(throws: MetadataError.invalidBase64(name: "a-bin")) { try received([("a-bin", Array("!".utf8))]) }
    }

    @Test("fields of the protocol are passed over when they come")
    func protocolFields() throws {
        let names = [":status", "te", "content-type", "grpc-status", "grpc-status-details-bin"]
        #expect(try received(names.map { ($0, Array("!".utf8)) }).isEmpty)
        #expect(try received([("user-agent", Array("x/1".utf8))]).text("user-agent") == "x/1")
    }
}

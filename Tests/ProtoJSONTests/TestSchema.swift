import ProtoJSON

/// The schema of Tests/Fixtures/protojson/kinds.proto.
func kindsSchema() throws -> Schema {
    guard let bytes = Base64.decode(kindsDescriptors) else { throw WireError.malformed(message: "kinds.proto") }
    return try Schema(fileDescriptorSet: bytes)
}

/// The bytes of text such as "08 96 01"; spaces are for the reader.
func hex(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

func text(_ node: JSONNode, indent: Int? = nil) -> String {
    String(decoding: JSONWriter.text(of: node, indent: indent), as: UTF8.self)
}

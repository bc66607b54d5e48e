/// Writes the descriptor set as text: an array literal of that length would take the compiler seconds.
enum DescriptorSetEmitter {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

    static func emit(_ bytes: [UInt8]) -> String {
        var source = SourceText(from: "Protos/")
        source.line("extension DescriptorSet {")
        source.line("    /// The encoded google.protobuf.FileDescriptorSet, in base64.")
        source.line("    static let base64: StaticString = \"\"\"")
        let encoded = Array(base64(bytes))
        for start in stride(from: 0, to: encoded.count, by: 104) {
            let end = min(start + 104, encoded.count)
            source.line("        \(String(encoded[start..<end]))\(end < encoded.count ? "\\" : "")")
        }
        source.line("        \"\"\"")
        source.line("}")
        return source.text
    }

    /// Padded with zero bits and `=` to whole groups of four.
    static func base64(_ bytes: [UInt8]) -> String {
        var result = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits = 0
            for byte in group { bits = bits << 8 | Int(byte) }
            bits <<= 8 * (3 - group.count)
            for place in 0..<4 {
                result.append(place <= group.count ? alphabet[bits >> (18 - 6 * place) & 63] : "=")
            }
        }
        return result
    }
}

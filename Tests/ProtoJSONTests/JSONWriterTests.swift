import ProtoJSON
import Testing

@Suite("Writing JSON") struct JSONWriterTests {
    private let node = JSONNode.object(["a": .array([.number(1), .null]), "b": .object([:]), "c": .array([])])

    @Test("puts all on one line, or one member to a line")
    func layouts() {
        #expect(text(node) == #"{"a":[1,null],"b":{},"c":[]}"#)
        #expect(
            text(node, indent: 2) == """
                {
                  "a": [
                    1,
                    null
                  ],
                  "b": {},
                  "c": []
                }
                """)
    }

    @Test(
        "escapes what the grammar and terminals ask for, and nothing else",
        arguments: [
            ("\"\\/", #""\"\\/""#), ("\n\r\t\u{8}\u{C}", #""\n\r\t\b\f""#), ("\0\u{1B}[31m", #""\u0000\u001b[31m""#),
            ("\u{7F}\u{9B}", #""\u007f\u009b""#), ("\u{2028}", #""\u2028""#), ("温州“😀”", #""温州“😀”""#),
        ])
    func escapes(string: String, expected: String) {
        #expect(text(.string(string)) == expected)
    }

    @Test("writes what reads back to the same code points")
    func everyScalar() throws {
        var all = ""
        for value in stride(from: UInt32(0), to: 0x11_0000, by: 7) {
            if let scalar = Unicode.Scalar(value) { all.unicodeScalars.append(scalar) }
        }
        let read = try JSONReader.read(JSONWriter.text(of: .string(all)))
        guard case .string(let found) = read.content else { throw JSONError(offset: 0, problem: "not a string") }
        #expect(found.unicodeScalars.elementsEqual(all.unicodeScalars))
    }
}

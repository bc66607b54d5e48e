import ProtoJSON
import Testing

@Suite("Reading JSON") struct JSONReaderTests {
    @Test(
        "keeps every value as it is written",
        arguments: [
            "null", "true", "false", "0", "-0", "-12.50e+3", "1E400", "123456789012345678901234567890", "\"\"", "[]",
            "{}",
            #"[1,[2,[]],{"a":{"b":null}}]"#, #"{"b":1,"a":2}"#, #""温州市局 “量” é""#,
        ])
    func roundTrip(json: String) throws {
        #expect(text(try JSONReader.read(Array(json.utf8))) == json)
    }

    @Test("takes white space around every part, and a byte order mark in front")
    func whiteSpace() throws {
        let json = "\u{FEFF} \t\r\n{ \"a\" : [ 1 , 2 ] } \n"
        #expect(text(try JSONReader.read(Array(json.utf8))) == #"{"a":[1,2]}"#)
    }

    @Test(
        "resolves escapes, surrogate pairs included",
        arguments: [
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u6e29\u5DDE""#, "温州"), (#""\ud83d\ude00!""#, "😀!"),
            (#""\u0000""#, "\0"), (#""a\u0301""#, "a\u{301}"), (#""\uffff\ud800\udc00""#, "\u{FFFF}\u{10000}"),
        ])
    func escapes(json: String, expected: String) throws {
        let node = try JSONReader.read(Array(json.utf8))
        guard case .string(let found) = node.content else { throw JSONError(offset: 0, problem: "not a string") }
        #expect(Array(found.unicodeScalars) == Array(expected.unicodeScalars))
    }

    @Test(
        "says where and what is wrong",
        arguments: [
            ("", "line 1, column 1: expected a value, found the end of the text"),
            ("tru", "line 1, column 1: expected a value, found \"t\""),
            ("[1 2]", "line 1, column 4: expected \",\" or \"]\", found \"2\""),
            ("[1,]", "line 1, column 4: expected a value, found \"]\""),
            ("{\"a\" 1}", "line 1, column 6: expected \":\" after the name \"a\", found \"1\""),
            ("{\"a\":1,}", "line 1, column 8: expected a name in quotes, found \"}\""),
            ("{a:1}", "line 1, column 2: expected a name in quotes, found \"a\""),
            ("{\n  \"温州\": 1,\n  \"温州\": 2\n}", "line 3, column 3: the name \"温州\" stands twice in one object"),
            ("{\"温州\": x}", "line 1, column 8: expected a value, found \"x\""),
            ("01", "line 1, column 2: a number may not begin with 0"),
            ("-", "line 1, column 2: expected a digit, found the end of the text"),
            ("1.", "line 1, column 3: expected a digit, found the end of the text"),
            ("+1", "line 1, column 1: expected a value, found \"+\""),
            ("1 1", "line 1, column 3: expected the end of the text, found \"1\""),
            ("\"a", "line 1, column 1: the string is not closed"),
            ("\"a\nb\"", "line 1, column 3: a control character must be escaped in a string"),
            (#""\x""#, "line 1, column 2: no such escape; one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u"),
            (#""\u12g4""#, "line 1, column 6: expected four hexadecimal digits after \\u"),
            (#""\ud83d""#, "line 1, column 2: a surrogate without its other half"),
            (#""\ud83d\u0041""#, "line 1, column 2: a surrogate without its other half"),
            (#""\ude00\ud83d""#, "line 1, column 2: a surrogate without its other half"),
            ("[1,\u{7F}]", "line 1, column 4: expected a value, found byte 0x7F"),
            ("NaN", "line 1, column 1: expected a value, found \"N\""),
        ])
    func errors(json: String, expected: String) throws {
        let bytes = Array(json.utf8)
        let error = #expect(throws: JSONError.self) { try JSONReader.read(bytes) }
        #expect(error?.description(in: bytes) == expected)
    }

    @Test(
        "refuses text that is not UTF-8",
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xE6, 0xB8, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xC0, 0x80, 0x22],
        ] as [[UInt8]])
    func notUTF8(bytes: [UInt8]) {
        #expect(throws: JSONError(offset: 0, problem: "the text is not valid UTF-8")) { try JSONReader.read(bytes) }
    }

    @Test("takes names apart that only look the same")
    func canonicallyEqualNames() throws {
        let node = try JSONReader.read(Array("{\"\u{E9}\":1,\"e\u{301}\":2}".utf8))
        #expect(node["e\u{301}"]?.content == .number("2"))
    }

    @Test("reads 100 levels and no more")
    func depth() throws {
        func nested(_ count: Int) -> [UInt8] {
            Array((String(repeating: "[", count: count) + String(repeating: "]", count: count)).utf8)
        }
        #expect(throws: Never.self) { try JSONReader.read(nested(100)) }
        #expect(throws: JSONError(offset: 100, problem: "nested more than 100 deep")) {
            try JSONReader.read(nested(101))
        }
        #expect(throws: JSONError.self) { try JSONReader.read(Array(repeating: UInt8(ascii: "["), count: 1_000_000)) }
    }

    @Test("asks for more at every cut of a valid text")
    func cuts() throws {
        let whole = Array(#"{"a":[1.5e3,"x\u6e29",true],"b":{"c":null}}"#.utf8)
        for count in 0..<whole.count {
            #expect(throws: JSONError.self, "cut at \(count)") { try JSONReader.read(Array(whole.prefix(count))) }
        }
    }

    @Test("counts positions of a line from the start of the whole text")
    func ranges() throws {
        let lines = Array("{}\n{\"a\":}\n".utf8)
        let error = #expect(throws: JSONError.self) { try JSONReader.read(lines, in: 3..<9) }
        #expect(error?.description(in: lines) == "line 2, column 6: expected a value, found \"}\"")
        #expect(
            error?.description(in: lines, from: 3, firstLine: 7) == "line 7, column 6: expected a value, found \"}\"")
    }
}

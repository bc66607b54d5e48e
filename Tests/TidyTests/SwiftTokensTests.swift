import Testing

@Suite
struct SwiftTokensTests {
    @Test(
        "code is cut into words and marks, with comments left out",
        arguments: [
            ("let a = b // try! here", ["let", "a", "=", "b"]),
            ("a /* b /* c */ d */ e", ["a", "e"]),
            ("try! f()", ["try", "!", "f", "(", ")"]),
            ("@unchecked Sendable", ["@", "unchecked", "Sendable"]),
            ("名字 + 1", ["名字", "+", "1"]),
        ])
    func code(source: String, expected: [String]) {
        #expect(SwiftTokens.of(source).map(\.text) == expected)
    }

    @Test(
        "a string is one token, and what is interpolated into it is code",
        arguments: [
            (#"f("as! // no")"#, ["as! // no"]),
            (#""a \(unsafe b("c")) d""#, ["a ", "c", " d"]),
            (##"#"a \(b) "c" \#(d)"#"##, [#"a \(b) "c" "#, ""]),
            (#""\\" + "\"""#, [#"\\"#, #"\""#]),
            ("\"\"\"\na \"b\"\n\"\"\"", ["\na \"b\"\n"]),
        ])
    func strings(source: String, expected: [String]) {
        #expect(SwiftTokens.of(source).filter { $0.kind == .string }.map(\.text) == expected)
    }

    @Test("interpolated code is seen, whatever it is nested in")
    func interpolation() {
        let words = SwiftTokens.of(#"x = "1 \(f("2 \(unsafe g)"))""#).filter { $0.kind == .word }.map(\.text)
        #expect(words == ["x", "f", "unsafe", "g"])
    }

    @Test("a token knows its line, and whether it begins one")
    func lines() {
        let tokens = SwiftTokens.of("a b\n\n  /* c\n */ d\n\"\"\"\n\n\"\"\" e")
        #expect(tokens.map(\.line) == [1, 1, 4, 5, 7])
        #expect(tokens.map(\.beginsLine) == [true, false, true, true, false])
    }
}

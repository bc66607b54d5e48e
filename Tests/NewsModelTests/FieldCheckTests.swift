import NewsModel
import TestKit
import Testing

@Suite("Kinds of characters") struct ScalarKindTests {
    @Test("white space is what Unicode calls so")
    func whiteSpace() {
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            if scalar.isWhiteSpace != scalar.properties.isWhitespace { Issue.record("U+\(String(value, radix: 16))") }
        }
    }
}

@Suite("Checks of fields") struct FieldCheckTests {
    private func refused(_ body: (inout FieldCheck) -> Void) -> [FieldViolation] {
        var check = FieldCheck()
        body(&check)
        #expect(check.isPassed == check.violations.isEmpty)
        return check.violations
    }

    @Test("count characters, not bytes")
    func characters() {
        #expect(refused { $0.text(String(repeating: "字", count: 500), "article.title", max: 500) }.isEmpty)
        let found = refused { $0.text(String(repeating: "字", count: 501), "article.title", max: 500) }
        #expect(
            found == [
                FieldViolation(
                    field: "article.title", reason: .invalid,
                    description: "article.title has 501 characters; at most 500 are allowed")
            ])
    }

    @Test("require what is required")
    func required() {
        #expect(refused { $0.text("", "article.title", max: 500, isRequired: true) }.map(\.reason) == [.required])
        #expect(refused { $0.text("", "article.source", max: 200) }.isEmpty)
    }

    @Test(
        "refuse every kind of line break where one line is wanted",
        arguments: ["\n", "\r", "\u{b}", "\u{85}", "\u{2028}", "\u{2029}"])
    func lines(separator: String) {
        #expect(refused { $0.text("a\(separator)b", "article.title", max: 500) }.count == 1)
        #expect(refused { $0.text("a\(separator)b", "article.body", max: 500, isOneLine: false) }.isEmpty)
    }

    @Test("name the item of a list that is at fault")
    func items() {
        let found = refused { $0.texts(["good", "", "toolong"], "article.labels", countMax: 50, max: 6) }
        #expect(found.map(\.field) == ["article.labels[1]", "article.labels[2]"])
        #expect(
            refused { $0.texts(Array(repeating: "x", count: 51), "article.labels", countMax: 50, max: 6) }.count == 1)
    }

    @Test("report at most twenty faults")
    func manyFaults() {
        #expect(refused { $0.texts(Array(repeating: "", count: 50), "labels", countMax: 50, max: 6) }.count == 20)
    }

    @Test(
        "take language tags by their form",
        arguments: [
            ("zh-Hans", true), ("en", true), ("", true), ("x-klingon9", true), ("zh_Hans", false), ("-zh", false),
            ("zh-", false), ("12", false), ("abcdefghi", false),
        ])
    func languages(tag: String, isGood: Bool) {
        #expect(refused { $0.languageCode(tag, "article.language_code") }.isEmpty == isGood)
    }

    @Test(
        "take absolute addresses",
        arguments: [
            ("https://example.org/a?b=c", true), ("", true), ("urn:isbn:1", true), ("/a", false),
            ("example.org", false), ("https://a b", false), ("1http://x", false), ("http:", false),
        ])
    func addresses(uri: String, isGood: Bool) {
        #expect(refused { $0.uri(uri, "article.canonical_uri") }.isEmpty == isGood)
    }

    @Test(
        "take request ids of 36 printable ASCII characters at most",
        arguments: [
            ("", true), ("8c5d6f0a-9d4b-4a57-9d4e-1f6a5e2b7c3d", true), (String(repeating: "x", count: 37), false),
            ("a b", false), ("é", false), ("a\u{7f}", false),
        ])
    func requestIDs(id: String, isGood: Bool) {
        #expect(refused { $0.requestID(id, "request_id") }.isEmpty == isGood)
    }

    @Test("refuse counts below nought")
    func counts() {
        #expect(refused { $0.count(-1, "article.stats.view_count") }.count == 1)
        #expect(refused { $0.count(0, "article.stats.view_count") }.isEmpty)
    }
}

@Suite("Excerpts") struct ExcerptTests {
    @Test(
        "are the beginning of the body in one line",
        arguments: [
            ("", ""), ("  一段。\n\n 二段。", "一段。 二段。"), ("\u{3000}\u{3000}开头", "开头"),
            (String(repeating: "字", count: 70), String(repeating: "字", count: 60)),
            (String(repeating: "x", count: 130), String(repeating: "x", count: 120)),
            (String(repeating: "x", count: 119) + "字", String(repeating: "x", count: 119)),
            (String(repeating: "x", count: 119) + " y", String(repeating: "x", count: 119)),
        ])
    func plain(body: String, excerpt: String) {
        #expect(Excerpt.of(body) == excerpt)
    }

    /// What `Excerpt.of` promises, character by character.
    private func reference(_ body: String, isHTML: Bool) -> String {
        var excerpt = ""
        var (used, isApart, isInTag) = (0, false, false)
        for scalar in body.unicodeScalars {
            let isTag = isHTML && (isInTag || scalar == "<")
            if isTag { isInTag = scalar != ">" }
            if isTag || scalar.properties.isWhitespace {
                isApart = used > 0
                continue
            }
            let width = (isApart ? 1 : 0) + (scalar.isASCII ? 1 : 2)
            if used + width > Excerpt.columns { break }
            if isApart { excerpt += " " }
            excerpt.unicodeScalars.append(scalar)
            used += width
            isApart = false
        }
        return excerpt
    }

    @Test("narrow whatever stands between words to one space", arguments: 0..<200)
    func pieces(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let pieces = ["字", "é", "ab", "😀", " ", "  ", "\u{3000}", "\n", "<b>", "</", ">", "\u{A0}", "，", "x", "中文"]
        let body = (0..<Int.random(in: 0...120, using: &random))
            .map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
        for isHTML in [false, true] {
            #expect(Excerpt.of(body, isHTML: isHTML) == reference(body, isHTML: isHTML), "\(body)")
        }
    }

    @Test("of HTML leave the tags out")
    func html() {
        #expect(Excerpt.of("<p class=\"a\">one<br/>two</p>\n<p>three</p>", isHTML: true) == "one two three")
        #expect(Excerpt.of("a < b", isHTML: false) == "a < b")
    }
}

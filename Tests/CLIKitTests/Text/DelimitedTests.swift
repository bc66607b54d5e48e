import CLIKit
import Testing

@Suite("Records for other programs") struct DelimitedTests {
    @Test(
        "quote what CSV asks for",
        arguments: [
            (["a", "b"], "a,b"), (["a,b", "c\"d"], "\"a,b\",\"c\"\"d\""), (["a\nb", "c\rd"], "\"a\nb\",\"c\rd\""),
            (["", "温，州"], ",温，州"), ([" a "], " a "),
        ])
    func csv(fields: [String], expected: String) {
        #expect(Delimited.csv(fields) == expected)
    }

    @Test(
        "escape what would break a line of TSV",
        arguments: [
            (["a", "", "b"], "a\t\tb"),
            (["a\tb", "c\nd", "e\rf", "g\\h", "i\r\nj"], "a\\tb\tc\\nd\te\\rf\tg\\\\h\ti\\r\\nj"),
            (["温州", "\""], "温州\t\""),
        ])
    func tsv(fields: [String], expected: String) {
        #expect(Delimited.tsv(fields) == expected)
    }
}

import Testing

/// The rules, held against everything that is there.
@Suite
struct RepositoryTests {
    /// Read once: every test goes through all of them.
    private static let repository = Result { try Repository.load() }
    private let files: [SourceFile]

    init() throws {
        files = try Self.repository.get()
        try #require(files.contains { $0.path == "Package.swift" })
        try #require(files.contains { $0.path.hasPrefix("Sources/") })
    }

    private func manifest() throws -> Manifest {
        let manifest = Manifest(try #require(files.first { $0.path == "Package.swift" }).text)
        try #require(manifest.targets.count > 20)
        return manifest
    }

    @Test("every import follows an arrow of Package.swift")
    func imports() throws {
        let manifest = try manifest()
        expectNone(files.flatMap { ImportRules.check($0, manifest) })
    }

    @Test("every arrow of Package.swift is followed by an import")
    func use() throws {
        expectNone(ImportRules.checkUse(files, try manifest()))
    }

    @Test("every library target has tests")
    func tests() {
        expectNone(ImportRules.checkTests(files))
    }

    @Test("the arrows of Package.swift point to targets declared above")
    func order() throws {
        expectNone(ImportRules.checkOrder(try manifest()))
    }

    @Test("Swift sources keep to the rules for code", arguments: CodeRules.rules)
    func code(rule: Rule) {
        expectNone(files.flatMap(rule.check))
    }

    @Test("all files keep to the rules for text", arguments: TextRules.rules)
    func text(rule: Rule) {
        expectNone(files.flatMap(rule.check))
    }

    @Test("every file of the contract has its generated code")
    func contract() throws {
        try #require(files.contains { $0.path.hasSuffix(".proto") })
        expectNone(TextRules.contractIsGenerated(files))
    }

    private func expectNone(_ findings: [Finding]) {
        for finding in findings { Issue.record("\(finding)") }
    }
}

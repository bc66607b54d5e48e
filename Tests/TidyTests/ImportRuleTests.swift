import Testing

@Suite
struct ImportRuleTests {
    private let manifest = Manifest(
        """
        let package = Package(targets: [
            target("NewsModel"), target("LMDB", ["CLMDB"]), target("NewsStore", ["NewsModel", "LMDB"]),
            tests("NewsStore"),
        ])
        """)

    @Test(
        "an import is found however it is written",
        arguments: [
            "import LMDB", "internal import LMDB", "@testable import LMDB", "public import struct LMDB.Environment",
            "@preconcurrency package import LMDB // why",
        ])
    func forms(line: String) {
        let file = SourceFile(
            path: "Sources/NewsStore/Example.swift", text: "// import A\n\(line)\nlet text = \"import B\"")
        #expect(ImportRules.imports(in: file) == [ImportRules.Import(module: "LMDB", line: 2)])
    }

    @Test(
        "an import along an arrow is lawful, and so is the toolchain's where it belongs",
        arguments: [
            ("Sources/NewsStore", "LMDB"), ("Sources/NewsStore", "Synchronization"), ("Sources/LMDB", "Glibc"),
            ("Sources/LMDB", "CLMDB"), ("Tests/NewsStoreTests", "Foundation"), ("Tests/NewsStoreTests", "TestKit"),
        ])
    func lawful(folder: String, module: String) {
        #expect(
            ImportRules.check(SourceFile(path: "\(folder)/Example.swift", text: "import \(module)"), manifest) == [])
    }

    @Test(
        "an import against the arrows is found, and so is a library of the system outside a fence",
        arguments: [
            ("Sources/NewsModel", "NewsStore"), ("Sources/NewsStore", "CLMDB"), ("Sources/NewsStore", "Foundation"),
            ("Sources/NewsStore", "Glibc"), ("Sources/NewsModel", "Synchronization"), ("Tests/NewsStoreTests", "LMDB"),
        ])
    func unlawful(folder: String, module: String) {
        let file = SourceFile(path: "\(folder)/Example.swift", text: "internal import \(module)")
        #expect(ImportRules.check(file, manifest).count == 1)
    }

    @Test("sources in a folder that no target has are found")
    func strayFolder() {
        let file = SourceFile(path: "Sources/Stray/Example.swift", text: "")
        #expect(ImportRules.check(file, manifest).map(\.message) == ["no target of Package.swift has this folder"])
    }

    @Test("an arrow that points downwards in the file is found")
    func order() {
        let manifest = Manifest("Package(targets: [target(\"High\", [\"Low\"]), target(\"Low\")])")
        #expect(ImportRules.checkOrder(manifest).map(\.message) == ["High depends on Low, which stands below it"])
    }

    @Test("an arrow that nothing follows is found, as is a target without tests")
    func use() {
        let store = SourceFile(path: "Sources/NewsStore/Example.swift", text: "internal import LMDB")
        let tests = SourceFile(
            path: "Tests/NewsStoreTests/ExampleTests.swift", text: "import NewsStore\nimport TestKit")
        #expect(
            ImportRules.checkUse([store, tests], manifest).map(\.message) == ["nothing in NewsStore imports NewsModel"])
        #expect(ImportRules.checkTests([store, tests]).map(\.message) == ["NewsStore has no tests"])
        let tested = SourceFile(path: tests.path, text: "@Test(\"a store opens twice\") func twice() {}")
        #expect(ImportRules.checkTests([store, tested]) == [])
    }
}

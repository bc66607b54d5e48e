/// Which module may import which: the arrows of Package.swift and, outside the package,
/// as little as possible.
enum ImportRules {
    /// Only here stands `unsafe`, and only these see the C library.
    static let fences: Set = [
        "Bytes", "Threads", "Files", "EventLoops", "HTTP2", "LMDB", "TLS", "Gzip", "Zstd", "Digests", "NewsMessages",
        "newsrpc-protogen", "FuzzEntry",
    ]
    /// Values and calculations: no clock, no lock, no input, no output.
    static let pure: Set = ["NewsModel", "GRPCWire", "GRPCCall", "NewsImport", "ProtoJSON", "Access"]

    struct Import: Equatable {
        let module: String
        let line: Int
    }

    static func imports(in file: SourceFile) -> [Import] {
        let tokens = file.tokens
        return tokens.indices.compactMap { index in
            guard tokens[index].isWord("import"), isDeclaration(tokens, at: index), index + 1 < tokens.count
            else { return nil }
            let kinds: Set = ["struct", "class", "enum", "protocol", "typealias", "func", "var", "let"]
            let isScoped = kinds.contains(tokens[index + 1].text) && index + 2 < tokens.count
            let module = tokens[index + (isScoped ? 2 : 1)]
            return Import(module: module.text, line: module.line)
        }
    }

    /// Only attributes and an access level stand before it on its line.
    private static func isDeclaration(_ tokens: [Token], at index: Int) -> Bool {
        var index = index
        let allowed: Set = [
            "@", "testable", "preconcurrency", "_exported", "public", "package", "internal", "fileprivate", "private",
        ]
        while !tokens[index].beginsLine {
            index -= 1
            guard index >= 0, allowed.contains(tokens[index].text) else { return false }
        }
        return true
    }

    static func check(_ file: SourceFile, _ manifest: Manifest) -> [Finding] {
        guard file.path.hasSuffix(".swift"), !file.target.isEmpty else { return [] }
        guard let declared = manifest.dependencies(of: file.target) else {
            return [Finding(path: file.path, line: 1, message: "no target of Package.swift has this folder")]
        }
        let allowed = Set(declared).union(others(for: file.target, isTest: file.isTest))
        return imports(in: file).filter { !allowed.contains($0.module) }.map {
            Finding(
                path: file.path, line: $0.line,
                message: "\(file.target) may not import \($0.module): Package.swift draws no such arrow")
        }
    }

    /// Modules of the toolchain.
    private static func others(for target: String, isTest: Bool) -> Set<String> {
        if isTest { return ["Testing", "Foundation", "Glibc", "Synchronization"] }
        if fences.contains(target) { return ["Glibc", "Musl", "Synchronization"] }
        return pure.contains(target) ? [] : ["Synchronization"]
    }

    /// An arrow that no import follows says less than it seems to.
    static func checkUse(_ files: [SourceFile], _ manifest: Manifest) -> [Finding] {
        let swift = Dictionary(grouping: files.filter { $0.path.hasSuffix(".swift") }, by: \.target)
        return manifest.targets.flatMap { target -> [Finding] in
            guard let sources = swift[target.name] else { return [] }
            let used = Set(sources.flatMap(imports).map(\.module))
            // Every test target is given TestKit, whether it needs it or not.
            return target.dependencies.filter { $0 != "TestKit" && !used.contains($0) }.map {
                Finding(path: "Package.swift", line: 1, message: "nothing in \(target.name) imports \($0)")
            }
        }
    }

    /// What has sources has tests; programs are tested by running them.
    static func checkTests(_ files: [SourceFile]) -> [Finding] {
        let tested = Set(files.filter { $0.text.contains("@Test(") }.map(\.target))
        let sources = Set(files.filter { $0.path.hasPrefix("Sources/") && $0.path.hasSuffix(".swift") }.map(\.target))
        return sources.sorted().filter { !$0.hasPrefix("newsrpc-") && !tested.contains($0 + "Tests") }.map {
            Finding(path: "Sources/\($0)", line: 1, message: "\($0) has no tests")
        }
    }

    /// An arrow points to what stands above it in the file, so the table reads downwards.
    static func checkOrder(_ manifest: Manifest) -> [Finding] {
        var known: Set<String> = []
        var findings: [Finding] = []
        let names = Set(manifest.targets.map(\.name))
        for target in manifest.targets {
            for dependency in target.dependencies where names.contains(dependency) && !known.contains(dependency) {
                findings.append(
                    Finding(
                        path: "Package.swift", line: 1,
                        message: "\(target.name) depends on \(dependency), which stands below it"))
            }
            known.insert(target.name)
        }
        return findings
    }
}

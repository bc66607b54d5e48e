import Testing

@Suite
struct ManifestTests {
    private let manifest = Manifest(
        """
        func target(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
            .target(name: name, dependencies: dependencies)
        }
        let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
        let package = Package(
            name: "example",
            targets: [
                .systemLibrary(name: "CBase"),
                .target(name: "CShim", dependencies: ["CBase"], path: "Elsewhere"),
                target("Low", ["CShim"]),
                target("Alone"),
                target("High", ["Low", logging]),
                .executableTarget(name: "program", dependencies: ["High"], swiftSettings: everywhere),
                tests("High", ["Low"]),
                tests("Low", resources: [.copy("Fixtures")]),
                .testTarget(name: "OddTests", swiftSettings: everywhere),
            ])
        """)

    @Test(
        "the arrows of a target are read whichever way it is declared",
        arguments: [
            ("CBase", []),
            ("CShim", ["CBase"]),
            ("Low", ["CShim"]),
            ("Alone", []),
            ("High", ["Low", "Logging"]),
            ("program", ["High"]),
            ("HighTests", ["High", "TestKit", "Low"]),
            ("LowTests", ["Low", "TestKit"]),
            ("OddTests", []),
        ] as [(String, [String])])
    func arrows(target: String, expected: [String]) {
        #expect(manifest.dependencies(of: target) == expected)
    }

    @Test("helper functions and products are no targets")
    func others() {
        #expect(manifest.targets.count == 9)
    }
}

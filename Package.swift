// swift-tools-version: 6.2
import PackageDescription

let everywhere: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A Swift target with the settings that hold everywhere.
func target(
    _ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = []
) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: everywhere + settings)
}

/// The tests of one target, in a folder of the same name.
func tests(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.byName(name: name), "TestKit"] + dependencies, resources: resources,
        swiftSettings: everywhere)
}

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

// The arrows point downwards only; TidyTests compares every import with this table.
let package = Package(
    name: "newsrpc",
    products: [
        .library(name: "NewsClient", targets: ["NewsClient"]),
        .executable(name: "newsrpc-server", targets: ["newsrpc-server"]),
        .executable(name: "newsrpc-cli", targets: ["newsrpc-cli"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        // C libraries and shims.
        .systemLibrary(name: "CNghttp2"),
        .systemLibrary(name: "CLMDB"),
        .systemLibrary(name: "COpenSSL"),
        .systemLibrary(name: "CZlib"),
        .systemLibrary(name: "CZstd"),
        .target(name: "CLinux"),
        .target(name: "CCRC32C"),
        .target(name: "CNewsProto"),

        // Fences: the only places where `unsafe` is written.
        target("Bytes", ["CCRC32C"]),
        target("Threads", ["CLinux"]),
        target("Files"),
        target("EventLoops", ["CLinux", "Bytes", "Threads"]),
        target("HTTP2", ["CNghttp2", "Bytes"]),
        // A cursor lends its entry as spans that cannot outlive its next move.
        target("LMDB", ["CLMDB", "CLinux", "Threads"], settings: [.enableExperimentalFeature("Lifetimes")]),
        target("TLS", ["COpenSSL", "Bytes"]),
        target("Gzip", ["CZlib", "Bytes"]),
        target("Zstd", ["CZstd", "Bytes"]),
        target("Digests", ["COpenSSL"]),
        target("NewsMessages", ["CNewsProto", "Bytes"]),

        // Pure values and protocols.
        target("NewsModel"),
        target("GRPCWire", ["Bytes"]),
        target("GRPCCall", ["GRPCWire", "Gzip", "Bytes"]),
        target("NewsImport", ["NewsModel"]),
        target("ProtoJSON", ["Bytes"]),
        target("Access", ["NewsModel", "ProtoJSON"]),

        // What the server says to its operators.
        target("ServerLog", ["NewsModel", "ProtoJSON", "Files", "Threads", logging]),

        // TLS between a socket and what speaks on it.
        target("TLSTransport", ["TLS", "EventLoops", "Bytes"]),

        // The store, the service, the server and the client.
        target("NewsStore", ["NewsModel", "LMDB", "ProtoJSON", "Zstd", "Bytes", "Files", "Threads"]),
        target(
            "NewsService",
            [
                "NewsModel", "NewsStore", "NewsMessages", "NewsImport", "GRPCCall", "GRPCWire", "Bytes", "Threads",
                "Digests", "Access",
            ]),
        target(
            "NewsServer",
            [
                "NewsService", "NewsStore", "NewsModel", "GRPCCall", "GRPCWire", "HTTP2", "EventLoops", "Bytes",
                "Files", "Threads", "ServerLog", "TLS", "TLSTransport", "Access",
            ]),
        target(
            "NewsClient",
            [
                "NewsMessages", "GRPCCall", "GRPCWire", "HTTP2", "EventLoops", "TLSTransport", "TLS", "Files",
                "Threads",
                "Bytes",
            ]),
        target(
            "CLIKit",
            [
                "NewsClient", "NewsMessages", "NewsModel", "ProtoJSON", "Bytes", "Files", "Threads", argumentParser,
            ]),

        // Programs: parse, build, run, exit.
        .executableTarget(
            name: "newsrpc-server",
            dependencies: [
                "NewsServer", "NewsStore", "NewsModel", "ServerLog", "GRPCCall", "EventLoops", "Files", "Threads",
                "Access", "TLS", argumentParser,
            ],
            swiftSettings: everywhere),
        .executableTarget(name: "newsrpc-cli", dependencies: ["CLIKit"], swiftSettings: everywhere),
        .executableTarget(
            name: "newsrpc-protogen",
            dependencies: ["CNewsProto", "Files", argumentParser],
            swiftSettings: everywhere),

        // Tests mirror the targets.
        .target(name: "TestKit", dependencies: ["Files"], path: "Tests/TestKit", swiftSettings: everywhere),
        .target(
            name: "InteropKit",
            dependencies: [
                "NewsClient", "NewsServer", "NewsMessages", "GRPCCall", "GRPCWire", "EventLoops", "Threads", "Bytes",
            ], path: "Tests/InteropKit", swiftSettings: everywhere),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "NewsServer", "NewsService", "NewsStore", "NewsModel", "NewsMessages", "NewsImport", "GRPCCall",
                "GRPCWire", "HTTP2", "EventLoops", "Gzip", "Bytes", "Files", "Threads", "TestKit",
            ], path: "Tests/FuzzTargets", swiftSettings: everywhere),
        .target(
            name: "FuzzEntry", dependencies: ["FuzzTargets"], path: "Tests/FuzzEntry", swiftSettings: everywhere),
        .executableTarget(
            name: "newsrpc-interop",
            dependencies: ["InteropKit", "NewsServer", "EventLoops", argumentParser],
            path: "Tests/newsrpc-interop", swiftSettings: everywhere),
        tests("Bytes"),
        tests("Threads"),
        tests("Files"),
        tests("EventLoops", ["Bytes", "Threads"]),
        tests("HTTP2", ["Bytes"]),
        tests("LMDB", ["Files"]),
        tests("TLS", ["COpenSSL", "Bytes", "Files"]),
        tests("TLSTransport", ["TLS", "EventLoops", "Bytes", "Files", "Threads"]),
        tests("Gzip", ["Bytes"]),
        tests("Zstd", ["Bytes"]),
        tests("Digests", ["NewsModel"]),
        tests("NewsMessages", ["Bytes"]),
        tests("NewsModel"),
        tests("GRPCWire"),
        tests("GRPCCall", ["GRPCWire"]),
        tests("NewsImport", ["NewsModel"]),
        tests("ProtoJSON", ["NewsMessages"]),
        tests("Access", ["NewsModel"]),
        tests("ServerLog", ["Threads"]),
        tests("NewsStore", ["NewsModel", "LMDB", "Bytes", "Files", "Threads"]),
        tests(
            "NewsService",
            ["NewsModel", "NewsStore", "NewsMessages", "GRPCCall", "GRPCWire", "Files", "Threads", "Bytes", "Access"]),
        tests(
            "NewsServer",
            [
                "NewsClient", "NewsMessages", "NewsStore", "GRPCCall", "GRPCWire", "EventLoops", "HTTP2",
                "Bytes", "Threads", "Access", "NewsModel", "Files", "TLS", "ServerLog",
            ]),
        tests("NewsClient", ["NewsMessages", "GRPCCall", "GRPCWire", "HTTP2", "EventLoops", "Threads", "Bytes"]),
        tests("CLIKit", ["NewsClient", "NewsMessages", "NewsModel", "Files"]),
        tests("FuzzTargets"),
        .testTarget(name: "TidyTests", dependencies: ["TestKit"], swiftSettings: everywhere),
        .testTarget(
            name: "ConformanceTests", dependencies: ["NewsClient", "NewsMessages", "Files", "TestKit"],
            swiftSettings: everywhere),
    ]
)

// libFuzzer brings a main function of its own and links an archive; see scripts/fuzz.sh.
if Context.environment["NEWSRPC_FUZZ"] != nil {
    package.products.append(.library(name: "FuzzEntry", type: .static, targets: ["FuzzEntry"]))
}

/// Writes the routing table: every method of every service, its index, and how it streams.
///
/// protobuf-c's service descriptors do not tell streams from single messages, so nothing else could say it.
enum RouteEmitter {
    /// `NewsService`, `GetArticle` -> `newsServiceGetArticle`.
    static func route(_ service: ServiceType, _ method: MethodType) -> String {
        Naming.lowerFirst(service.swiftName) + method.name
    }

    static func emit(_ schema: Schema) -> String {
        var source = SourceText(from: "Protos/", imports: ["package import GRPCCall"])
        source.line("/// Every method that the server knows. The raw value is the method's index in the routing table.")
        source.block("package enum Route: Int, CaseIterable, Sendable") { source in
            for service in schema.services {
                for method in service.methods {
                    source.comment(method.comment)
                    source.line("case \(Self.route(service, method))")
                }
            }
            source.line()
            source.line("/// The routing table, in the order of the raw values.")
            source.line("package static let table: [MethodDescriptor] = allCases.map(\\.descriptor)")
            source.line()
            source.block("package var descriptor: MethodDescriptor") { source in
                source.line("switch self {")
                for service in schema.services {
                    for method in service.methods { emit(method, of: service, &source) }
                }
                source.line("}")
            }
        }
        return source.text
    }

    private static func emit(_ method: MethodType, of service: ServiceType, _ source: inout SourceText) {
        source.line("case .\(Self.route(service, method)):")
        source.line("    MethodDescriptor(")
        source.line("        path: \"/\(service.fullName)/\(method.name)\", kind: .\(method.kind.rawValue),")
        source.line("        idempotency: .\(method.idempotency.rawValue), service: \"\(service.fullName)\",")
        source.line("        name: \"\(method.name)\", index: rawValue)")
    }
}

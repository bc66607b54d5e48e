/// Writes a protocol for each service, and what leads a call from its place in the routing table to its method.
struct HandlerEmitter {
    private let names: SwiftNames

    init(_ names: SwiftNames) { self.names = names }

    func emit(_ schema: Schema) -> String {
        var source = SourceText(
            from: "Protos/",
            imports: ["package import GRPCCall", "package import GRPCWire", "package import NewsMessages"])
        for service in schema.services {
            emitProtocol(service, &source)
            source.line()
            emitDecoding(service, &source)
            source.line()
        }
        emitDispatch(schema, &source)
        return source.text
    }

    private func emitProtocol(_ service: ServiceType, _ source: inout SourceText) {
        source.comment(service.comment, last: "`\(service.fullName)`, on one loop.")
        source.block("package protocol \(service.swiftName)Handlers: AnyObject") { source in
            for method in service.methods {
                let name = Naming.escaped(Naming.lowerFirst(method.name))
                source.comment(method.comment)
                if method.kind == .unary {
                    source.line(
                        "func \(name)(_ request: \(names.type(method.request)), _ call: CallContext) -> UnaryOutcome")
                    source.line("/// The same from the encoded request. Answered here, it need not be decoded.")
                    source.line("func \(name)(encoded request: Span<UInt8>, _ call: CallContext) -> UnaryOutcome")
                } else {
                    source.line("///")
                    source.line("/// Requests are `\(method.request)`, replies `\(method.response)`, both encoded.")
                    source.line("func \(name)(_ call: CallReference) -> any StreamHandler")
                }
            }
            source.line("/// How a request that cannot be decoded is answered.")
            source.line("func refusal(of error: MessageError) -> Status")
        }
    }

    private func emitDecoding(_ service: ServiceType, _ source: inout SourceText) {
        source.block("extension \(service.swiftName)Handlers") { source in
            let unary = service.methods.filter { $0.kind == .unary }
            for (index, method) in unary.enumerated() {
                if index > 0 { source.line() }
                let name = Naming.escaped(Naming.lowerFirst(method.name))
                source.block("package func \(name)(encoded request: Span<UInt8>, _ call: CallContext) -> UnaryOutcome")
                {
                    $0.line("do {")
                    $0.line("    return \(name)(try \(names.type(method.request))(decoding: request), call)")
                    $0.line("} catch {")
                    $0.line("    return .failed(refusal(of: error))")
                    $0.line("}")
                }
            }
        }
    }

    private func emitDispatch(_ schema: Schema, _ source: inout SourceText) {
        source.line("/// A dispatcher made of one handler for each service. `turnEnded` is left to it.")
        source.block("package protocol ServiceDispatch: CallDispatcher") { source in
            for service in schema.services {
                source.line("associatedtype \(service.swiftName)Implementation: \(service.swiftName)Handlers")
            }
            for service in schema.services {
                source.line("var \(Naming.lowerFirst(service.swiftName)): \(service.swiftName)Implementation { get }")
            }
        }
        source.line()
        source.block("extension ServiceDispatch") { source in
            emitSwitch(
                "package func unary(_ method: Int, _ request: Span<UInt8>, _ call: CallContext) -> UnaryOutcome",
                schema, &source, isUnary: true, arguments: "encoded: request, call")
            source.line()
            emitSwitch(
                "package func open(_ method: Int, _ call: CallReference) -> any StreamHandler", schema, &source,
                isUnary: false, arguments: "call")
        }
    }

    private func emitSwitch(
        _ header: String, _ schema: Schema, _ source: inout SourceText, isUnary: Bool, arguments: String
    ) {
        source.block(header) { source in
            source.line("switch Route(rawValue: method) {")
            for service in schema.services {
                let handler = Naming.lowerFirst(service.swiftName)
                for method in service.methods where (method.kind == .unary) == isUnary {
                    let name = Naming.lowerFirst(method.name)
                    source.line("case .\(RouteEmitter.route(service, method)): return \(handler).\(name)(\(arguments))")
                }
            }
            let others = schema.services.flatMap { service in
                service.methods.filter { ($0.kind == .unary) != isUnary }.map { RouteEmitter.route(service, $0) }
            }
            source.line("case \((others.map { "." + $0 } + ["nil"]).joined(separator: ", ")):")
            source.line("    preconditionFailure(\"the routing table leads no such call to method \\(method)\")")
            source.line("}")
        }
    }
}

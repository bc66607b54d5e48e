/// Writes the client's calls: a method on every channel for each method of the contract.
struct CallEmitter {
    private let names: SwiftNames
    private let imports: [String]

    /// - Parameter imports: what the calls need outside of NewsClient.
    init(_ names: SwiftNames, imports: [String] = ["public import NewsMessages"]) {
        self.names = names
        self.imports = imports
    }

    func emit(_ schema: Schema) -> String {
        var source = SourceText(from: "Protos/", imports: imports)
        for (index, service) in schema.services.enumerated() {
            if index > 0 { source.line() }
            emitMethods(service, &source)
            source.line()
            emitCalls(service, &source)
        }
        return source.text
    }

    /// A method of our own package has its own name; another's has its service's before it: `healthCheck`.
    private func name(_ service: ServiceType, _ method: MethodType) -> String {
        service.fullName.hasPrefix("news.v1.") ? Naming.lowerFirst(method.name) : RouteEmitter.route(service, method)
    }

    private func emitMethods(_ service: ServiceType, _ source: inout SourceText) {
        source.line("/// The methods of `\(service.fullName)`.")
        source.block("public enum \(service.swiftName)Methods") { source in
            for method in service.methods {
                let member = Naming.escaped(Naming.lowerFirst(method.name))
                source.line("public static let \(member) = RPCMethod(")
                source.line(
                    "    service: \"\(service.fullName)\", name: \"\(method.name)\", kind: .\(method.kind.rawValue),")
                source.line("    idempotency: .\(method.idempotency.rawValue))")
            }
        }
    }

    private func emitCalls(_ service: ServiceType, _ source: inout SourceText) {
        source.block("extension CallChannel") { source in
            for (index, method) in service.methods.enumerated() {
                if index > 0 { source.line() }
                emitCall(service, method, &source)
            }
        }
    }

    private func emitCall(_ service: ServiceType, _ method: MethodType, _ source: inout SourceText) {
        let request = names.type(method.request)
        let response = names.type(method.response)
        let descriptor = "\(service.swiftName)Methods.\(Naming.lowerFirst(method.name))"
        let name = name(service, method)
        source.comment(method.comment)
        switch method.kind {
        case .unary:
            source.line("public func \(name)(")
            source.line("    _ request: \(request), options: CallOptions = CallOptions()")
            source.block(") async throws(RPCError) -> \(response)") {
                $0.line("try await unary(\(descriptor), request, options: options)")
            }
        case .serverStreaming:
            source.line("public func \(name)(")
            source.line("    _ request: \(request), options: CallOptions = CallOptions()")
            source.block(") -> ResponseStream<\(response)>") {
                $0.line("serverStreaming(\(descriptor), request, options: options)")
            }
        case .clientStreaming, .bidirectional:
            source.line("public func \(name)(")
            source.line("    options: CallOptions = CallOptions()")
            source.block(") -> StreamingCall<\(request), \(response)>") {
                $0.line("streaming(\(descriptor), options: options)")
            }
        }
    }
}

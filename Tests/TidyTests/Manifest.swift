/// The targets of Package.swift and the arrows between them, read from its text: the
/// package manager does not hold imports against this table, so a test does.
struct Manifest {
    struct Target: Equatable {
        let name: String
        let dependencies: [String]
    }

    /// In the order of the file.
    let targets: [Target]

    func dependencies(of name: String) -> [String]? {
        targets.first { $0.name == name }?.dependencies
    }

    init(_ source: String) {
        let tokens = SwiftTokens.of(source)
        var products: [String: String] = [:]
        var targets: [Target] = []
        for (index, token) in tokens.enumerated() where token.kind == .word {
            if token.text == "let", let product = Self.product(in: tokens, from: index) {
                products[product.alias] = product.module
            }
            guard index > 0, !tokens[index - 1].isWord("func"), index + 1 < tokens.count,
                tokens[index + 1].isMark("(")
            else { continue }
            let arguments = Self.balanced(tokens[(index + 1)...])
            guard let name = Self.name(in: arguments) else { continue }
            switch token.text {
            case "target", "executableTarget", "testTarget", "systemLibrary":
                targets.append(Target(name: name, dependencies: Self.list(in: arguments, products)))
            case "tests":
                let listed = Self.list(in: arguments, products)
                targets.append(Target(name: name + "Tests", dependencies: [name, "TestKit"] + listed))
            default: break
            }
        }
        self.targets = targets
    }

    /// `let alias: Target.Dependency = .product(name: "Module", ...)`
    private static func product(in tokens: [Token], from index: Int) -> (alias: String, module: String)? {
        let text = tokens[index...].prefix(12).map(\.text)
        guard text.count == 12,
            Array(text[2...10]) == [":", "Target", ".", "Dependency", "=", ".", "product", "(", "name"]
        else { return nil }
        return tokens[(index + 12)...].first.map { (text[1], $0.text) }
    }

    /// The tokens from the parenthesis or bracket at the front to its partner, without both.
    private static func balanced(_ tokens: ArraySlice<Token>) -> [Token] {
        var depth = 0
        var inside: [Token] = []
        for token in tokens {
            if token.isMark("(") || token.isMark("[") { depth += 1 }
            if token.isMark(")") || token.isMark("]") { depth -= 1 }
            if depth == 0 { break }
            inside.append(token)
        }
        return Array(inside.dropFirst())
    }

    /// The first argument, if it is a literal, with or without the label `name`.
    private static func name(in arguments: [Token]) -> String? {
        let value = arguments.first?.text == "name" ? arguments.dropFirst(2) : arguments[...]
        guard let first = value.first, first.kind == .string else { return nil }
        let next = value.dropFirst().first
        return next == nil || next?.isMark(",") == true ? first.text : nil
    }

    /// The literals and product aliases of the first list.
    private static func list(in arguments: [Token], _ products: [String: String]) -> [String] {
        guard let open = arguments.firstIndex(where: { $0.isMark("[") }) else { return [] }
        if open >= 2, arguments[open - 1].isMark(":"), arguments[open - 2].text != "dependencies" { return [] }
        return balanced(arguments[open...]).compactMap { token in
            token.kind == .string ? token.text : products[token.text]
        }
    }
}

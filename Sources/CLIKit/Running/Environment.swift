/// The variables that a program was started with. An empty one counts as unset.
struct Environment: Sendable {
    let lookup: @Sendable (String) -> String?

    subscript(name: String) -> String? {
        guard let value = lookup(name), !value.isEmpty else { return nil }
        return value
    }
}

internal import ArgumentParser

/// Lets options that every command has stand before the command as well as behind it.
enum ArgumentOrder {
    private static let withValue: Set<String> = [
        "--server", "--token", "--token-file", "--cacert", "--cert", "--key", "--server-name", "--timeout", "--wait",
        "--retries", "-H", "--header", "-o", "--output", "--color", "--width", "--ambiguous-width",
    ]
    private static let flags: Set<String> = ["-q", "--quiet", "-v", "--verbose", "--tls", "--insecure-token"]

    /// The arguments with the leading options moved behind the command's name. What is no such option stays, for the
    /// parser to complain about.
    static func commandFirst(_ arguments: [String]) -> [String] {
        var count = 0
        while count < arguments.count, let length = length(of: arguments[count]) { count += length }
        guard count > 0, count < arguments.count, !arguments[count].hasPrefix("-") else { return arguments }
        // A command of a group has its options behind its own name.
        let isGroup = arguments[count] == AdminCommand.configuration.commandName
        let hasMember = isGroup && count + 1 < arguments.count && !arguments[count + 1].hasPrefix("-")
        let end = count + (hasMember ? 2 : 1)
        return Array(arguments[count..<end]) + arguments[..<count] + arguments[end...]
    }

    /// How many arguments an option is; `nil`: not one that every command has.
    private static func length(of argument: String) -> Int? {
        if flags.contains(argument) { return 1 }
        if withValue.contains(argument) { return 2 }
        let name = argument.prefix { $0 != "=" }
        if name.count < argument.count, withValue.contains(String(name)) { return 1 }  // --server=address
        return ["-o", "-H"].contains { argument.hasPrefix($0) } && argument.count > 2 ? 1 : nil  // -ojson
    }
}

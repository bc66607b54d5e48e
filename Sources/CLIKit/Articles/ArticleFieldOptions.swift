internal import ArgumentParser

/// The options of commands that write fields of an article.
struct ArticleFieldOptions: ParsableArguments {
    @Option(name: .customLong("set"), help: .init("Give a field a value; repeatable.", valueName: "field=value"))
    var settings: [String] = []

    @Option(name: [.short, .long], help: .init("JSON with the fields; '-' is the input.", valueName: "file"))
    var file: String?

    @Flag(help: "Check, and store nothing.")
    var dryRun = false

    /// What the file says, and what the other options say after it.
    func edit(_ surroundings: Surroundings) throws -> ArticleEdit {
        var edit = ArticleEdit()
        if let file { try edit.take(file: file, surroundings) }
        for setting in settings { try edit.take(setting: setting) }
        return edit
    }
}

internal import ArgumentParser
internal import NewsClient
internal import NewsMessages
internal import ProtoJSON

struct AdminOperationsCommand: AdminServerCommand {
    static let configuration = CommandConfiguration(
        commandName: "operations",
        abstract: "List the operations of the server, newest first.",
        usage: "newsrpc-cli admin operations [<options>]",
        discussion: discussion(examples: ["admin operations -o jsonl"]))

    @OptionGroup var global: GlobalOptions

    func run(_ session: Session) async throws -> Termination {
        let console = session.console
        let list = try await session.channel().listOperations(
            ListOperationsRequest(), options: session.options())
        let shape = try ArticleShape()
        switch console.format {
        case .text:
            if list.operations.isEmpty { return .success }
            let table = Table(
                columns: [.init(title: "operation"), .init(title: "state"), .init(title: "progress")],
                width: console.width, limit: console.columns, mark: console.symbols.ellipsis)
            let rows = list.operations.map { operation in
                [operation.name, operation.state.word, OperationText.progress(operation)]
            }
            try console.print(table.lines(rows))
        case .jsonl: for operation in list.operations { try console.print(shape.plain(operation)) }
        default: try console.print(JSONNode.array(list.operations.map(shape.plain)))
        }
        return .success
    }
}

struct AdminWaitCommand: AdminServerCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait for the end of an operation and print what came of it.",
        usage: "newsrpc-cli admin wait <operation> [<options>]",
        discussion: discussion(examples: ["admin wait operations/backup-20261122t101500z"]))

    @Argument(help: .init("Name of the operation.", valueName: "operation"))
    var operation: String

    @OptionGroup var global: GlobalOptions

    func run(_ session: Session) async throws -> Termination {
        try await OperationWait(session).run(OperationName.full(operation))
    }
}

struct AdminCancelCommand: AdminServerCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Ask an operation to stop, and wait until it has.",
        usage: "newsrpc-cli admin cancel <operation> [<options>]",
        discussion: discussion(examples: ["admin cancel operations/backup-20261122t101500z"]))

    @Argument(help: .init("Name of the operation.", valueName: "operation"))
    var operation: String

    @OptionGroup var global: GlobalOptions

    func run(_ session: Session) async throws -> Termination {
        var request = CancelOperationRequest()
        request.name = OperationName.full(operation)
        _ = try await session.channel().cancelOperation(request, options: session.options())
        return try await OperationWait(session).run(request.name, cancelled: .success)
    }
}

enum OperationName {
    static func full(_ text: String) -> String { text.hasPrefix("operations/") ? text : "operations/" + text }
}

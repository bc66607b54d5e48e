internal import ProtoJSON

/// Records that a command prints in any format: one for a summary, several for a list.
struct Report {
    /// Formats that every report can have.
    static let formats: [OutputFormat] = [.text, .table, .wide, .json, .jsonl, .csv, .tsv]

    /// Names of the fields, in lowerCamel.
    let keys: [String]
    let records: [[JSONNode]]
    /// What people read.
    let text: [String]
    /// Whether JSON is an array even of one record.
    var isList = false

    func print(on console: Console) throws {
        switch console.format {
        case .text, .table, .wide, .name: try console.print(text)
        case .jsonl: for record in records { try console.print(object(record)) }
        case .json:
            if !isList, let only = records.first { return try console.print(object(only)) }
            try console.print(JSONNode.array(records.map(object)))
        case .csv: try console.print(([keys] + records.map { $0.map(field) }).map(Delimited.csv))
        case .tsv: try console.print(([keys] + records.map { $0.map(field) }).map(Delimited.tsv))
        }
    }

    private func object(_ record: [JSONNode]) -> JSONNode {
        JSONNode(.object(zip(keys, record).map { JSONMember($0, $1) }))
    }

    private func field(_ node: JSONNode) -> String {
        switch node.content {
        case .string(let text), .number(let text): text
        case .bool(let value): value ? "true" : "false"
        case .null, .array, .object: ""
        }
    }
}

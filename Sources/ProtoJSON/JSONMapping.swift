/// Turns wire bytes into JSON and back by the rules of a schema.
///
/// The rules are those of the ProtoJSON format (protobuf.dev, "ProtoJSON Format"), with the liberties of `Options` in
/// what is written. What is read may always have any of the accepted forms: lowerCamel and original field names,
/// enumerations by number, by name with or without its prefix, integers of any width as number or string.
package struct JSONMapping: Sendable {
    /// How JSON is written.
    package struct Options: Sendable {
        /// 64-bit integers as numbers, not as strings. Readers that take every number for a double lose digits above
        /// 2^53.
        package var writesInt64AsNumber = false
        /// Enumerations without the prefix of their type: `DAY` for `TIME_PRECISION_DAY`.
        package var shortensEnums = false
        /// Fields that have their default value, too, unless they are messages or members of a oneof.
        package var writesDefaults = false

        package init(writesInt64AsNumber: Bool = false, shortensEnums: Bool = false, writesDefaults: Bool = false) {
            self.writesInt64AsNumber = writesInt64AsNumber
            self.shortensEnums = shortensEnums
            self.writesDefaults = writesDefaults
        }
    }

    let schema: Schema
    let options: Options

    package init(_ schema: Schema, _ options: Options = Options()) {
        self.schema = schema
        self.options = options
    }

    /// The JSON form of a message. Fields that the schema does not know are left out.
    ///
    /// - Parameter message: Full name, such as `news.v1.Article`.
    package func node(of bytes: [UInt8], as message: String) throws(WireError) -> JSONNode {
        guard let type = schema.message(named: message) else { throw .unknownMessage(message) }
        let printer = MessagePrinter(schema: schema, options: options, bytes: bytes)
        return try printer.node(of: type, in: [0..<bytes.count], path: message, depth: 0)
    }

    /// The wire bytes of a message given as JSON. Fields are in the order of their numbers.
    ///
    /// - Throws: The first thing wrong, with the path of its field; `message` itself must be in the schema.
    package func bytes(of node: JSONNode, as message: String) throws(JSONError) -> [UInt8] {
        guard let type = schema.message(named: message) else {
            throw JSONError(offset: node.offset, problem: "no message called \(message)")
        }
        return try MessageParser(schema: schema).bytes(of: node, as: type, path: FieldPath(), depth: 0)
    }

    /// What follows from the fields that a text gives to a message, and is not in the text.
    package struct Completion: Sendable {
        let message: String
        let rest: @Sendable (_ given: [String]) -> [UInt8]

        /// - Parameters:
        ///   - message: Full name of the message.
        ///   - rest: Makes further fields, in wire bytes, of the names of those that are given.
        package init(of message: String, _ rest: @escaping @Sendable (_ given: [String]) -> [UInt8]) {
            self.message = message
            self.rest = rest
        }
    }

    /// The same for a text that has nothing unusual, several times as fast. Fields are in the order of the text.
    ///
    /// - Parameters:
    ///   - range: The part of `text` that holds the message.
    ///   - start: Wire bytes that stand before those of the text.
    /// - Returns: `nil` when `JSONReader` and `bytes(of:as:)` have to be asked, as for every text with a mistake.
    package func plainBytes(
        of text: [UInt8], in range: Range<Int>, as message: String, after start: [UInt8] = [],
        completing completion: Completion? = nil
    ) -> [UInt8]? {
        guard let type = schema.message(named: message) else { return nil }
        var transcoder = PlainTranscoder(schema, text, in: range, after: start, completing: completion)
        do { try transcoder.read(as: type) } catch { return nil }
        return transcoder.bytes
    }
}

/// The way from a message to one of its fields, as errors print it: `stats.viewCount`, `labels[3]`, `fields["a"]`.
struct FieldPath {
    private(set) var text = ""

    func field(_ name: String) -> FieldPath { FieldPath(text: text.isEmpty ? name : "\(text).\(name)") }
    func element(_ index: Int) -> FieldPath { FieldPath(text: "\(text)[\(index)]") }
    func entry(_ key: String) -> FieldPath { FieldPath(text: "\(text)[\"\(key)\"]") }
}

/// A JSON value and where it was read.
///
/// Numbers keep their text, so that no digit is lost on the way through; members keep their order.
package struct JSONNode: Equatable, Sendable {
    package enum Content: Equatable, Sendable {
        case null
        case bool(Bool)
        /// A number as RFC 8259 section 6 writes it.
        case number(String)
        case string(String)
        case array([JSONNode])
        case object([JSONMember])
    }

    package var content: Content
    /// Where the value begins in the text it was read from, in bytes from 0; 0 for a value made here.
    package var offset: Int

    package init(_ content: Content, offset: Int = 0) {
        self.content = content
        self.offset = offset
    }

    /// Names the kind of value as an error message does: "a string".
    package var kindName: String {
        switch content {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// A name and a value of a JSON object.
package struct JSONMember: Equatable, Sendable {
    package var key: String
    /// Where the name begins in the text it was read from, in bytes from 0.
    package var keyOffset: Int
    package var value: JSONNode

    package init(_ key: String, _ value: JSONNode, keyOffset: Int = 0) {
        self.key = key
        self.keyOffset = keyOffset
        self.value = value
    }
}

extension JSONNode {
    package static var null: JSONNode { JSONNode(.null) }
    package static func bool(_ value: Bool) -> JSONNode { JSONNode(.bool(value)) }
    package static func string(_ value: String) -> JSONNode { JSONNode(.string(value)) }
    package static func number(_ value: some BinaryInteger) -> JSONNode { JSONNode(.number(String(value))) }
    package static func array(_ elements: [JSONNode]) -> JSONNode { JSONNode(.array(elements)) }

    /// An object of the given members, in their order.
    package static func object(_ members: KeyValuePairs<String, JSONNode>) -> JSONNode {
        JSONNode(.object(members.map { JSONMember($0.key, $0.value) }))
    }

    /// The value of the member called `key`, if this is an object that has one.
    package subscript(key: String) -> JSONNode? {
        guard case .object(let members) = content else { return nil }
        return members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }
}

/// Why bytes are not the message they should be.
public enum MessageError: Error, Hashable, Sendable {
    /// Not protobuf, a field has another wire type than its own, or far more memory would be needed than the bytes
    /// account for. `message` is the type's full name.
    case malformed(message: String)
    /// The field's bytes are not UTF-8. `field` is its path from the message, such as `article.labels[2]`.
    case textNotUTF8(field: String)
    /// The field's text contains U+0000.
    case textHasNUL(field: String)

    /// The error as seen from the message that holds the faulty one in its field `field`.
    func inside(_ field: String) -> MessageError {
        switch self {
        case .malformed: self
        case .textNotUTF8(let inner): .textNotUTF8(field: field + "." + inner)
        case .textHasNUL(let inner): .textHasNUL(field: field + "." + inner)
        }
    }

    /// The error of a text that is an element of the list `field`.
    func at(_ field: String) -> MessageError {
        switch self {
        case .malformed: self
        case .textNotUTF8: .textNotUTF8(field: field)
        case .textHasNUL: .textHasNUL(field: field)
        }
    }
}

extension MessageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let message): "cannot be read as \(message)"
        case .textNotUTF8(let field): "\(field): text is not UTF-8"
        case .textHasNUL(let field): "\(field): text contains U+0000"
        }
    }
}

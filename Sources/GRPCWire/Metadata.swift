internal import Bytes

/// Why a field cannot be part of a call's metadata.
package enum MetadataError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not made of lower-case letters, digits, "-", "_" and "." only.
    case invalidName(String)
    /// HTTP or gRPC itself uses the name.
    case reservedName(String)
    /// Text under a name in -bin, or bytes under one without it.
    case wrongKind(String)
    /// A character outside of 0x20 to 0x7E in the text to be sent.
    case invalidText(name: String)
    /// A -bin field that is not base64 has come.
    case invalidBase64(name: String)

    package var description: String {
        switch self {
        case .invalidName(let name):
            "metadata \"\(name)\": a name is made of lower-case letters, digits, \"-\", \"_\" and \".\""
        case .reservedName(let name): "metadata \"\(name)\": the name is used by the protocol"
        case .wrongKind(let name): "metadata \"\(name)\": names of bytes end in -bin, names of text do not"
        case .invalidText(let name): "metadata \"\(name)\": text is printable ASCII"
        case .invalidBase64(let name): "metadata \"\(name)\": the value is not base64"
        }
    }
}

/// Fields that travel with a call beside its messages, in order. A name may come more than once.
package struct Metadata: Hashable, Sendable {
    package struct Field: Hashable, Sendable {
        package let name: String
        /// Text as it came, which may hold bytes above 0x7F, or the decoded bytes of a -bin field.
        package let value: [UInt8]
        package var isBinary: Bool { Metadata.isBinary(name) }
    }

    package private(set) var fields: [Field] = []

    package init() {}

    package var isEmpty: Bool { fields.isEmpty }

    /// Adds text to be sent. Blanks around it mean nothing in HTTP and are left out.
    package mutating func add(_ name: String, text: String) throws(MetadataError) {
        try Self.check(name)
        guard !Self.isBinary(name) else { throw .wrongKind(name) }
        guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else { throw .invalidText(name: name) }
        var value = text.utf8[...]
        while value.first == UInt8(ascii: " ") { value.removeFirst() }
        while value.last == UInt8(ascii: " ") { value.removeLast() }
        fields.append(Field(name: name, value: Array(value)))
    }

    /// Adds bytes to be sent.
    package mutating func add(_ name: String, bytes: [UInt8]) throws(MetadataError) {
        try Self.check(name)
        guard Self.isBinary(name) else { throw .wrongKind(name) }
        fields.append(Field(name: name, value: bytes))
    }

    /// Adds a field that a peer sent. Fields of the protocol itself are passed over; bytes above 0x7F are kept.
    package mutating func receive(name: Span<UInt8>, value: Span<UInt8>) throws(MetadataError) {
        let name = String(repairing: name)
        guard !Self.isOfProtocol(name) else { return }
        guard Self.isBinary(name) else {
            fields.append(Field(name: name, value: [UInt8](copying: value)))
            return
        }
        do throws(BinaryHeaderError) {
            for bytes in try BinaryHeader.decode(value) { fields.append(Field(name: name, value: bytes)) }
        } catch {
            throw .invalidBase64(name: name)
        }
    }

    /// Throws what `receive` throws, and keeps nothing: for who wants no metadata and still refuses what is none.
    package static func check(name: Span<UInt8>, value: Span<UInt8>) throws(MetadataError) {
        guard name.holds("-bin", at: name.count - 4) else { return }
        do throws(BinaryHeaderError) { try BinaryHeader.check(value) } catch {
            throw .invalidBase64(name: String(repairing: name))
        }
    }

    /// Adds the fields of `other` after its own.
    package mutating func append(_ other: Metadata) { fields += other.fields }

    /// The first text under `name`; what is not UTF-8 is shown by replacement characters.
    package func text(_ name: String) -> String? {
        fields.first { $0.name == name && !$0.isBinary }.map { String(decoding: $0.value, as: UTF8.self) }
    }

    /// The first bytes under `name`, which ends in -bin.
    package func bytes(_ name: String) -> [UInt8]? { fields.first { $0.name == name && $0.isBinary }?.value }

    /// What stands in the header list: text as it is, bytes in base64.
    package var wireFields: [(name: String, value: [UInt8])] {
        fields.map { ($0.name, $0.isBinary ? Array(BinaryHeader.encode($0.value).utf8) : $0.value) }
    }

    private static func check(_ name: String) throws(MetadataError) {
        guard !isOfProtocol(name), !ofHTTP.contains(name) else { throw .reservedName(name) }
        let isValid = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
            default: false
            }
        }
        guard isValid, !name.isEmpty else { throw .invalidName(name) }
    }

    private static func isBinary(_ name: String) -> Bool { name.hasSuffix("-bin") }

    private static func isOfProtocol(_ name: String) -> Bool {
        name.hasPrefix(":") || name.hasPrefix("grpc-") || name == "te" || name == "content-type"
    }

    /// Fields of the connection (RFC 9113 section 8.2.2) and those that a client writes itself.
    private static let ofHTTP: Set<String> = [
        "connection", "content-length", "host", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade",
        "user-agent",
    ]
}

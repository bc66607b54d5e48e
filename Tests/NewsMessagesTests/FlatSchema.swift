import NewsMessages

/// What of a descriptor set the wire depends on, one line for each part: its full name, and what must not change.
struct FlatSchema {
    private(set) var parts: [String: String] = [:]
    private(set) var files: [String] = []

    /// Reads a google.protobuf.FileDescriptorSet. The numbers are those of descriptor.proto.
    init(_ set: [UInt8]) {
        for file in fields(of: set, 1) {
            files.append(text(file, 1))
            let package = text(file, 2)
            for message in fields(of: file, 4) { add(message: message, in: package) }
            for item in fields(of: file, 5) { add(enumeration: item, in: package) }
            for service in fields(of: file, 6) { add(service: service, in: package) }
        }
    }

    private mutating func add(message: [UInt8], in scope: String) {
        let name = scope + "." + text(message, 1)
        let oneofs = fields(of: message, 8).map { text($0, 1) }
        parts[name] = "message"
        for field in fields(of: message, 2) {
            let oneof = number(field, 9).map { " of oneof \(oneofs[Int($0)])" } ?? ""
            parts[name + "." + text(field, 1)] =
                "field \(number(field, 3) ?? 0), cardinality \(number(field, 4) ?? 0), type \(number(field, 5) ?? 0)"
                + " \(text(field, 6))\(oneof)"
        }
        for nested in fields(of: message, 3) { add(message: nested, in: name) }
        for nested in fields(of: message, 4) { add(enumeration: nested, in: name) }
    }

    private mutating func add(enumeration: [UInt8], in scope: String) {
        let name = scope + "." + text(enumeration, 1)
        parts[name] = "enum"
        for value in fields(of: enumeration, 2) {
            parts[name + "." + text(value, 1)] = "value \(number(value, 2) ?? 0)"
        }
    }

    private mutating func add(service: [UInt8], in scope: String) {
        let name = scope + "." + text(service, 1)
        parts[name] = "service"
        for method in fields(of: service, 2) {
            let streams = ((number(method, 5) ?? 0) != 0, (number(method, 6) ?? 0) != 0)
            parts[name + "." + text(method, 1)] =
                "method of \(text(method, 2)) to \(text(method, 3)),"
                + " streams requests \(streams.0), responses \(streams.1)"
        }
    }

    private func fields(of message: [UInt8], _ number: UInt32) -> [[UInt8]] {
        var reader = WireReader()
        var found: [[UInt8]] = []
        while let field = reader.next(in: message.span) {
            if field.number == number, case .bytes(let range) = field.content { found.append(Array(message[range])) }
        }
        return found
    }

    private func text(_ message: [UInt8], _ number: UInt32) -> String {
        fields(of: message, number).last.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private func number(_ message: [UInt8], _ number: UInt32) -> UInt64? {
        var reader = WireReader()
        while let field = reader.next(in: message.span) {
            if field.number == number, case .varint(let value) = field.content { return value }
        }
        return nil
    }
}

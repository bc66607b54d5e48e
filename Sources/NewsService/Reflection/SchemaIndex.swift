internal import NewsMessages

/// What a descriptor set declares, by name: what reflection is asked for.
///
/// Made once from the set as it lies. Nothing is decoded but what leads to names; a file is handed out by its bytes.
package struct SchemaIndex: Sendable {
    /// Of the schema that this server serves; made when somebody asks.
    package static let shared = SchemaIndex(fileDescriptorSet: DescriptorSet.bytes)

    private struct File: Sendable {
        var range: Range<Int>
        var imports: [String]
    }

    private let set: DescriptorFields
    private var files: [File] = []
    private var fileOfName: [String: Int] = [:]
    private var fileOfSymbol: [String: Int] = [:]
    private var messages: Set<String> = []
    /// By message and number.
    private var fileOfExtension: [String: [Int32: Int]] = [:]
    /// Full names, in the order of the set.
    package private(set) var services: [String] = []

    /// - Parameter bytes: an encoded google.protobuf.FileDescriptorSet that holds all that its files import. Below, the
    ///   numbers of fields are those of descriptor.proto.
    package init(fileDescriptorSet bytes: [UInt8]) {
        set = DescriptorFields(bytes)
        for range in set.parts(of: 0..<bytes.count, 1) {
            fileOfName[set.text(of: range, 1)] = files.count
            files.append(File(range: range, imports: set.parts(of: range, 3).map(set.text)))
            addContents(of: range)
        }
    }

    /// FileDescriptorProto: package 2, message_type 4, enum_type 5, service 6, extension 7.
    private mutating func addContents(of file: Range<Int>) {
        let package = set.text(of: file, 2)
        let scope = package.isEmpty ? "" : package + "."
        for message in set.parts(of: file, 4) { add(message: message, in: scope) }
        for item in set.parts(of: file, 5) { add(enumeration: item, in: scope) }
        for service in set.parts(of: file, 6) {
            let name = add(service, in: scope)
            services.append(name)
            for method in set.parts(of: service, 2) { add(method, in: name + ".") }
        }
        for item in set.parts(of: file, 7) { add(extension: item, in: scope) }
    }

    /// DescriptorProto: field 2, nested_type 3, enum_type 4, extension 6, oneof_decl 8.
    private mutating func add(message: Range<Int>, in scope: String) {
        let name = add(message, in: scope)
        messages.insert(name)
        let inner = name + "."
        for field in set.parts(of: message, 2) + set.parts(of: message, 8) { add(field, in: inner) }
        for nested in set.parts(of: message, 3) { add(message: nested, in: inner) }
        for item in set.parts(of: message, 4) { add(enumeration: item, in: inner) }
        for item in set.parts(of: message, 6) { add(extension: item, in: inner) }
    }

    /// EnumDescriptorProto: value 2. A value stands beside its enum, as protobuf scopes it; many ask for it inside.
    private mutating func add(enumeration: Range<Int>, in scope: String) {
        let name = add(enumeration, in: scope)
        for value in set.parts(of: enumeration, 2) {
            add(value, in: scope)
            add(value, in: name + ".")
        }
    }

    /// FieldDescriptorProto: extendee 2, with a dot before it, number 3.
    private mutating func add(extension item: Range<Int>, in scope: String) {
        add(item, in: scope)
        let number = Int32(truncatingIfNeeded: set.number(of: item, 3) ?? 0)
        let extendee = String(set.text(of: item, 2).drop { $0 == "." })
        fileOfExtension[extendee, default: [:]][number] = files.count - 1
    }

    /// Enters a declaration of the last file. All of them have their name in field 1.
    @discardableResult private mutating func add(_ declaration: Range<Int>, in scope: String) -> String {
        let name = scope + set.text(of: declaration, 1)
        fileOfSymbol[name] = files.count - 1
        return name
    }

    // MARK: Questions

    /// The file of this path and all that it imports, directly or not; each is an encoded FileDescriptorProto.
    package func files(named name: String) -> [[UInt8]]? { fileOfName[name].map(withImports) }

    /// The same by what the file declares: a service, method, message, field, oneof, enum, enum value or extension.
    package func files(declaring symbol: String) -> [[UInt8]]? { fileOfSymbol[symbol].map(withImports) }

    /// The same by an extension of a message.
    package func files(extending message: String, number: Int32) -> [[UInt8]]? {
        fileOfExtension[message]?[number].map(withImports)
    }

    /// The numbers of all extensions of a message, in order; `nil` when there is no such message.
    package func extensionNumbers(of message: String) -> [Int32]? {
        guard messages.contains(message) else { return nil }
        return fileOfExtension[message, default: [:]].keys.sorted()
    }

    private func withImports(_ file: Int) -> [[UInt8]] {
        var wanted = [file]
        var seen: Set = [file]
        var next = 0
        while next < wanted.count {
            for name in files[wanted[next]].imports {
                guard let imported = fileOfName[name], seen.insert(imported).inserted else { continue }
                wanted.append(imported)
            }
            next += 1
        }
        return wanted.map { Array(set.bytes[files[$0].range]) }
    }
}

/// Fields of messages that lie one inside the other in the same bytes.
private struct DescriptorFields: Sendable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Where the contents of all fields of a number lie.
    func parts(of message: Range<Int>, _ number: UInt32) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        let span = bytes.span.extracting(message)
        var reader = WireReader()
        while let field = reader.next(in: span) {
            guard field.number == number, case .bytes(let range) = field.content else { continue }
            parts.append((message.lowerBound + range.lowerBound)..<(message.lowerBound + range.upperBound))
        }
        return parts
    }

    func text(_ part: Range<Int>) -> String { String(decoding: bytes[part], as: UTF8.self) }

    func text(of message: Range<Int>, _ number: UInt32) -> String { parts(of: message, number).last.map(text) ?? "" }

    func number(of message: Range<Int>, _ number: UInt32) -> UInt64? {
        var value: UInt64?
        let span = bytes.span.extracting(message)
        var reader = WireReader()
        while let field = reader.next(in: span) {
            if field.number == number, case .varint(let bits) = field.content { value = bits }
        }
        return value
    }
}

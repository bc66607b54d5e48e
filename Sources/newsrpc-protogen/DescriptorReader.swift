internal import CNewsProto

/// Turns an encoded FileDescriptorSet into a `Schema`, through protobuf-c.
///
/// The set comes from protoc, so its pointers are followed as they are: what protobuf-c unpacked is consistent.
enum DescriptorReader {
    private typealias File = UnsafeMutablePointer<Google__Protobuf__FileDescriptorProto>
    private typealias Message = UnsafeMutablePointer<Google__Protobuf__DescriptorProto>
    private typealias Enumeration = UnsafeMutablePointer<Google__Protobuf__EnumDescriptorProto>
    private typealias Field = UnsafeMutablePointer<Google__Protobuf__FieldDescriptorProto>
    private typealias Service = UnsafeMutablePointer<Google__Protobuf__ServiceDescriptorProto>
    private typealias Method = UnsafeMutablePointer<Google__Protobuf__MethodDescriptorProto>

    static func read(_ bytes: [UInt8]) throws(GeneratorError) -> Schema {
        let root = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe google__protobuf__file_descriptor_set__unpack(nil, buffer.count, buffer.baseAddress)
        }
        guard let root = unsafe root else { throw .notADescriptorSet }
        defer { unsafe google__protobuf__file_descriptor_set__free_unpacked(root, nil) }
        return Schema(files: unsafe list(root.pointee.file, root.pointee.n_file) { unsafe file($0) })
    }

    private static func file(_ raw: File) -> SchemaFile {
        let comments = unsafe SourceComments(raw.pointee.source_code_info)
        let package = unsafe text(raw.pointee.package)
        // The numbers in paths are those of FileDescriptorProto's fields: 4 messages, 5 enums, 6 services.
        return unsafe SchemaFile(
            name: text(raw.pointee.name), package: package, syntax: text(raw.pointee.syntax),
            messages: indexedList(raw.pointee.message_type, raw.pointee.n_message_type) { item, index in
                unsafe message(item, in: package, comments, [4, index])
            },
            enums: indexedList(raw.pointee.enum_type, raw.pointee.n_enum_type) { item, index in
                unsafe enumeration(item, in: package, comments, [5, index])
            },
            services: indexedList(raw.pointee.service, raw.pointee.n_service) { item, index in
                unsafe service(item, in: package, comments, [6, index])
            })
    }

    /// In DescriptorProto: 2 fields, 3 nested messages, 4 enums.
    private static func message(
        _ raw: Message, in scope: String, _ comments: SourceComments, _ path: [Int32]
    ) -> MessageType {
        let name = unsafe text(raw.pointee.name)
        let fullName = scope + "." + name
        return unsafe MessageType(
            name: name, fullName: fullName, comment: comments[path],
            fields: indexedList(raw.pointee.field, raw.pointee.n_field) { item, index in
                unsafe field(item, comment: comments[path + [2, index]])
            },
            oneofs: list(raw.pointee.oneof_decl, raw.pointee.n_oneof_decl) { unsafe text($0.pointee.name) },
            messages: indexedList(raw.pointee.nested_type, raw.pointee.n_nested_type) { item, index in
                unsafe message(item, in: fullName, comments, path + [3, index])
            },
            enums: indexedList(raw.pointee.enum_type, raw.pointee.n_enum_type) { item, index in
                unsafe enumeration(item, in: fullName, comments, path + [4, index])
            },
            isMapEntry: raw.pointee.options != nil && raw.pointee.options.pointee.map_entry != 0)
    }

    private static func field(_ raw: Field, comment: String) -> FieldType {
        unsafe FieldType(
            name: text(raw.pointee.name), jsonName: text(raw.pointee.json_name), number: raw.pointee.number,
            kind: kind(raw),
            isRepeated: raw.pointee.label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED,
            oneof: raw.pointee.has_oneof_index != 0 ? Int(raw.pointee.oneof_index) : nil,
            isExplicitlyOptional: raw.pointee.proto3_optional != 0, comment: comment)
    }

    private static func kind(_ raw: Field) -> FieldType.Kind {
        // By the numbers of FieldDescriptorProto.Type.
        let scalars: [FieldType.Kind] = [
            .double, .float, .int64, .uint64, .int32, .fixed64, .fixed32, .bool, .string, .group, .group, .bytes,
            .uint32, .group, .sfixed32, .sfixed64, .sint32, .sint64,
        ]
        // Type names begin with a dot.
        let typeName = unsafe String(text(raw.pointee.type_name).dropFirst())
        switch unsafe raw.pointee.type {
        case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_MESSAGE: return .message(typeName)
        case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_ENUM: return .enumeration(typeName)
        default: return scalars[Int(unsafe raw.pointee.type.rawValue) - 1]
        }
    }

    /// In EnumDescriptorProto: 2 values.
    private static func enumeration(
        _ raw: Enumeration, in scope: String, _ comments: SourceComments, _ path: [Int32]
    ) -> EnumType {
        let name = unsafe text(raw.pointee.name)
        return unsafe EnumType(
            name: name, fullName: scope + "." + name, comment: comments[path],
            values: indexedList(raw.pointee.value, raw.pointee.n_value) { item, index in
                unsafe EnumType.Value(
                    name: text(item.pointee.name), number: item.pointee.number, comment: comments[path + [2, index]])
            })
    }

    /// In ServiceDescriptorProto: 2 methods.
    private static func service(
        _ raw: Service, in scope: String, _ comments: SourceComments, _ path: [Int32]
    ) -> ServiceType {
        let name = unsafe text(raw.pointee.name)
        return unsafe ServiceType(
            name: name, fullName: scope + "." + name, comment: comments[path],
            methods: indexedList(raw.pointee.method, raw.pointee.n_method) { item, index in
                unsafe method(item, comment: comments[path + [2, index]])
            })
    }

    private static func method(_ raw: Method, comment: String) -> MethodType {
        let kind: MethodType.Kind =
            switch unsafe (raw.pointee.client_streaming != 0, raw.pointee.server_streaming != 0) {
            case (false, false): .unary
            case (true, false): .clientStreaming
            case (false, true): .serverStreaming
            case (true, true): .bidirectional
            }
        var idempotency = MethodType.Idempotency.unknown
        if let options = unsafe raw.pointee.options {
            switch unsafe options.pointee.idempotency_level {
            case GOOGLE__PROTOBUF__METHOD_OPTIONS__IDEMPOTENCY_LEVEL__NO_SIDE_EFFECTS: idempotency = .noSideEffects
            case GOOGLE__PROTOBUF__METHOD_OPTIONS__IDEMPOTENCY_LEVEL__IDEMPOTENT: idempotency = .idempotent
            default: break
            }
        }
        return unsafe MethodType(
            name: text(raw.pointee.name), comment: comment, request: String(text(raw.pointee.input_type).dropFirst()),
            response: String(text(raw.pointee.output_type).dropFirst()), kind: kind, idempotency: idempotency)
    }

    // MARK: C lists and text

    private static func list<Raw, Item>(
        _ items: UnsafeMutablePointer<UnsafeMutablePointer<Raw>?>?, _ count: Int,
        _ convert: (UnsafeMutablePointer<Raw>) -> Item
    ) -> [Item] {
        unsafe indexedList(items, count) { item, _ in unsafe convert(item) }
    }

    private static func indexedList<Raw, Item>(
        _ items: UnsafeMutablePointer<UnsafeMutablePointer<Raw>?>?, _ count: Int,
        _ convert: (UnsafeMutablePointer<Raw>, Int32) -> Item
    ) -> [Item] {
        unsafe UnsafeMutableBufferPointer(start: items, count: count).indices.compactMap { index in
            unsafe items?[index].map { unsafe convert($0, Int32(index)) }
        }
    }

    static func text(_ raw: ProtobufCBinaryData) -> String {
        unsafe String(decoding: UnsafeBufferPointer(start: raw.data, count: raw.len), as: UTF8.self)
    }
}

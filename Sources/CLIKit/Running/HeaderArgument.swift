internal import ArgumentParser
internal import NewsClient
internal import ProtoJSON

/// A field that a call sends along, such as `x-request-id: 7`; the bytes of one in -bin are written in base64.
struct HeaderArgument: ExpressibleByArgument, Sendable {
    let field: MetadataField

    init?(argument: String) {
        guard let colon = argument.firstIndex(of: ":") else { return nil }
        let name = argument[..<colon].lowercased()
        let value = argument[argument.index(after: colon)...].drop { $0 == " " }
        guard !name.isEmpty, !name.contains(" ") else { return nil }
        if name.hasSuffix("-bin") {
            guard let bytes = Base64.decode(String(value)) else { return nil }
            field = MetadataField(name, bytes: bytes)
        } else {
            field = MetadataField(name, String(value))
        }
    }

    static var defaultCompletionKind: CompletionKind { .default }
}

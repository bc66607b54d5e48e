internal import GRPCWire
internal import Synchronization

/// What a server sends beside the messages of a call. Given to a call by its options, it is filled while the call runs:
///
///     let response = ResponseMetadata()
///     let article = try await client.getArticle(request, options: CallOptions(responseMetadata: response))
///     print(response.trailers)
///
/// A stream has `metadata()` and `trailers` of its own, an error its `metadata`.
public final class ResponseMetadata: Sendable {
    private struct State {
        var initial = Metadata()
        var trailers = Metadata()
    }

    private let state = Mutex(State())

    public init() {}

    /// Fields that came before the first message.
    public var initial: [MetadataField] { state.withLock { $0.initial.fields.map(MetadataField.init) } }

    /// Fields that came with the end of the call. A call that fails before any message has only these.
    public var trailers: [MetadataField] { state.withLock { $0.trailers.fields.map(MetadataField.init) } }

    func fill(initial: Metadata) { state.withLock { $0.initial = initial } }

    func fill(trailers: Metadata) { state.withLock { $0.trailers = trailers } }
}

extension [MetadataField] {
    /// The first text under `name`.
    public func text(_ name: String) -> String? {
        for field in self where field.name == name { if case .text(let text) = field.value { return text } }
        return nil
    }

    /// The first bytes under `name`, which ends in "-bin".
    public func bytes(_ name: String) -> [UInt8]? {
        for field in self where field.name == name { if case .bytes(let bytes) = field.value { return bytes } }
        return nil
    }
}

internal import EventLoops
internal import GRPCWire
internal import Synchronization
internal import Threads

/// Calls a news server.
///
/// One thread serves the client; calls may be made from any task. A connection is opened by the first call and kept.
/// When it is lost, or the server announces its end, calls go to another one; those that the server has certainly not
/// begun with move there unnoticed. While no connection can be had calls fail at once, or wait if they ask for it. The
/// methods of the services are extensions of `CallChannel`:
///
///     let client = try RPCClient(RPCClient.Configuration(target: "127.0.0.1:50051"))
///     var request = ListArticlesRequest()
///     request.since = "2026-02"
///     let page = try await client.listArticles(request)
///     await client.close()
public final class RPCClient: CallChannel {
    private let configuration: Configuration
    private let thread: LoopThread
    private let line: ChannelLine
    private let callCount = Atomic<UInt64>(0)
    private let isClosed = Atomic(false)

    /// Makes a client. Does not connect: that there is no server shows with the first call.
    ///
    /// - Throws: INVALID_ARGUMENT when the target is no address, or a file of TLS cannot be used.
    public init(_ configuration: Configuration) throws(RPCError) {
        let target = try ClientTarget(configuration.target)
        let context = try configuration.tls.map { tls throws(RPCError) in try tls.makeContext() }
        self.configuration = configuration
        do throws(LoopError) { thread = try LoopThread(name: "news-client") } catch {
            throw RPCError(.resourceExhausted, error.description, origin: .notConnected)
        }
        let channel = thread.call { loop in
            let security = context.map { context in
                let name = configuration.tls?.serverName ?? ConnectionSecurity.host(of: target.authority)
                return ConnectionSecurity(context, serverName: name)
            }
            return LoopBound(
                ClientChannel(loop: loop, configuration: configuration, target: target, security: security), loop: loop)
        }
        guard let channel else { throw .closed }
        line = ChannelLine(channel: channel)
    }

    deinit {
        guard !isClosed.load(ordering: .acquiring) else { return }
        _ = line.post { channel in
            channel.close()
            channel.loop.stop()
        }
    }

    /// Ends every call, says goodbye to the server and ends the client's thread. Calls made later fail.
    public func close() async {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        _ = line.post { channel in channel.close() }
        let thread = thread
        // Waiting for a thread would hold up other tasks, so that is left to a thread too.
        await withCheckedContinuation { continuation in
            _ = Thread.start(name: "news-close") {
                thread.stop()
                continuation.resume()
            }
        }
    }

    public func unary(
        _ method: RPCMethod, message: [UInt8], options: CallOptions
    ) async throws(RPCError) -> [UInt8] {
        let exchange = makeExchange(options)
        start(method, options, exchange, message: try exchange.framed(message))
        return try await exchange.answer()
    }

    public func open(_ method: RPCMethod, message: [UInt8]?, options: CallOptions) -> any MessageStream {
        let exchange = makeExchange(options)
        do throws(RPCError) {
            start(
                method, options, exchange,
                message: try message.map { bytes throws(RPCError) in try exchange.framed(bytes) })
        } catch {
            exchange.ended(error)
        }
        return ClientStream(exchange, of: self)
    }

    private func makeExchange(_ options: CallOptions) -> CallExchange {
        let identifier = callCount.add(1, ordering: .relaxed).newValue
        return CallExchange(
            identifier: identifier, line: line, requestMessageMax: configuration.requestMessageMax,
            encoding: options.compression?.encoding ?? .identity, responseMetadata: options.responseMetadata)
    }

    private func start(_ method: RPCMethod, _ options: CallOptions, _ exchange: CallExchange, message: [UInt8]?) {
        let timeout = options.timeout ?? configuration.defaultTimeout
        do throws(MetadataError) {
            let request = CallRequest(
                method: method, timeout: timeout < CallOptions.noTimeout ? timeout : nil,
                metadata: try Metadata(options.metadata), encoding: options.compression?.encoding ?? .identity,
                message: message, waitsForReady: options.waitForReady, retryPolicy: retryPolicy(method, options))
            if !line.post({ channel in channel.start(request, exchange) }) { exchange.ended(.closed) }
        } catch {
            exchange.ended(.local(.invalidArgument, error.description))
        }
    }

    /// `nil` when the call may not be repeated.
    private func retryPolicy(_ method: RPCMethod, _ options: CallOptions) -> RetryPolicy? {
        guard options.isIdempotent ?? (method.idempotency != .unknown) else { return nil }
        var policy = configuration.retryPolicy
        if let maxAttempts = options.maxAttempts { policy?.maxAttempts = maxAttempts }
        return policy
    }
}

extension Metadata {
    fileprivate init(_ fields: [MetadataField]) throws(MetadataError) {
        self.init()
        for field in fields {
            switch field.value {
            case .text(let text): try add(field.name, text: text)
            case .bytes(let bytes): try add(field.name, bytes: bytes)
            }
        }
    }
}

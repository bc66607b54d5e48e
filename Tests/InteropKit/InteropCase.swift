/// The published test cases, by their names ("gRPC Interop Test Case Descriptions").
///
/// `cacheable_unary` is not among them: it is about GET, which gRPC over HTTP/2 no longer knows, and a proxy. Those
/// about credentials need accounts of one provider.
package enum InteropCase: String, CaseIterable, Sendable {
    case emptyUnary = "empty_unary"
    case largeUnary = "large_unary"
    case clientCompressedUnary = "client_compressed_unary"
    case serverCompressedUnary = "server_compressed_unary"
    case clientStreaming = "client_streaming"
    case clientCompressedStreaming = "client_compressed_streaming"
    case serverStreaming = "server_streaming"
    case serverCompressedStreaming = "server_compressed_streaming"
    case pingPong = "ping_pong"
    case emptyStream = "empty_stream"
    case customMetadata = "custom_metadata"
    case statusCodeAndMessage = "status_code_and_message"
    case specialStatusMessage = "special_status_message"
    case unimplementedMethod = "unimplemented_method"
    case unimplementedService = "unimplemented_service"
    case cancelAfterBegin = "cancel_after_begin"
    case cancelAfterFirstResponse = "cancel_after_first_response"
    case timeoutOnSleepingServer = "timeout_on_sleeping_server"
    case halfDuplex = "half_duplex"
    case rpcSoak = "rpc_soak"
    case channelSoak = "channel_soak"
}

/// What a case found wrong.
package struct InteropFailure: Error, CustomStringConvertible {
    package let description: String
}

/// Throws unless what must hold does.
func expect(_ holds: Bool, _ message: @autoclosure () -> String) throws {
    if !holds { throw InteropFailure(description: message()) }
}

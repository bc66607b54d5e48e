import GRPCWire
import Testing

@Suite("content-type") struct ContentTypeTests {
    private func read(_ text: String) -> ContentType { ContentType(Array(text.utf8).span) }

    @Test(
        "A3: application/grpc, +proto and parameters are protobuf",
        arguments: [
            "application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8",
            "application/grpc+proto; a=b", "application/grpc ; a=b",
        ])
    func protobuf(text: String) {
        #expect(read(text) == .protobuf)
    }

    @Test(
        "A4: another codec is told apart",
        arguments: [
            "application/grpc+json", "application/grpc+unknown", "application/grpc+protobuf", "application/grpc+",
        ])
    func otherCodec(text: String) {
        #expect(read(text) == .otherCodec)
    }

    @Test(
        "A2: anything else is not gRPC",
        arguments: [
            "", "text/plain", "application/json", "application/grpcfoo", "application/grpc-web", "application/grp",
            "Application/GRPC", " application/grpc",
        ])
    func notGRPC(text: String) {
        #expect(read(text) == .notGRPC)
    }
}

import GRPCCall
import GRPCWire
import Testing

@Suite("Compression of messages") struct MessageCompressionTests {
    private let text = Array(String(repeating: "compressible ", count: 500).utf8)

    @Test("B15: each message stands on its own, in whatever order they are read", arguments: MessageEncoding.allCases)
    func independent(encoding: MessageEncoding) throws {
        let compression = MessageCompression()
        let messages = (0..<5).map { [UInt8](repeating: UInt8($0), count: 1000 * $0) }
        let compressed = messages.map { compression.compressed($0.span, encoding) }
        for (message, bytes) in zip(messages, compressed).reversed() {
            #expect(try compression.decompressed(bytes.span, encoding, limit: 1 << 20) == message)
        }
        let third = messages[3]
        let again = compression.compressed(third.span, encoding)
        #expect(again == compressed[3])
    }

    @Test(
        "B10: bytes that are not compressed by the named encoding are INTERNAL",
        arguments: [.gzip, .deflate] as [MessageEncoding])
    func corrupt(encoding: MessageEncoding) throws {
        let compression = MessageCompression()
        let good = compression.compressed(text.span, encoding)
        for bytes in [[], [1, 2, 3], Array(good.dropLast()), good + [0]] {
            do throws(CompressionError) {
                _ = try compression.decompressed(bytes.span, encoding, limit: 1 << 20)
                Issue.record("was read")
            } catch {
                #expect(Status(error, of: "the request message").code == .internalError)
            }
        }
        #expect(try compression.decompressed(good.span, encoding, limit: 1 << 20) == text)
    }

    @Test("B12: a message that becomes too large is RESOURCE_EXHAUSTED, and the next one is read")
    func bomb() throws {
        let compression = MessageCompression()
        let bomb = compression.compressed([UInt8](repeating: 0, count: 64 << 20).span, .gzip)
        do throws(CompressionError) {
            _ = try compression.decompressed(bomb.span, .gzip, limit: 4 << 20)
            Issue.record("was read")
        } catch {
            #expect(error == .tooLarge(limit: 4 << 20))
            #expect(Status(error, of: "the request message").code == .resourceExhausted)
        }
        let good = compression.compressed(text.span, .gzip)
        #expect(try compression.decompressed(good.span, .gzip, limit: 1 << 20) == text)
    }
}

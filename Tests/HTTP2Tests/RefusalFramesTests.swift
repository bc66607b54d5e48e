import HTTP2
import Testing

@Suite("A connection that is refused") struct RefusalFramesTests {
    @Test("is told so in frames that a client takes")
    func taken() {
        let pipe = Pipe()
        let bytes = RefusalFrames.bytes(.enhanceYourCalm, "too many")
        _ = pipe.client.receive(bytes.span)
        #expect(pipe.clientEvents.settingsCount == 1)
        #expect(pipe.clientEvents.goAways == [.enhanceYourCalm])
        #expect(bytes.count == 9 + 9 + 8 + "too many".utf8.count)
    }
}

import NewsClient
import Testing

@Suite("Replay buffer") struct ReplayBufferTests {
    private let message: [UInt8] = [1, 2, 3]

    @Test("gives what waits to each stream in turn until the call is committed")
    func replays() {
        var buffer = ReplayBuffer(limit: 100)
        buffer.append(message)
        #expect(buffer.begin() == [message])
        buffer.append([4])
        buffer.interrupt()
        buffer.append([5])
        #expect(buffer.begin() == [message, [4], [5]])
        buffer.commit()
        buffer.append([6])
        buffer.interrupt()
        #expect(buffer.begin().isEmpty)
    }

    @Test("commits a call that has sent more than is kept")
    func limit() {
        var buffer = ReplayBuffer(limit: 5)
        #expect(buffer.begin().isEmpty)
        buffer.append(message)
        #expect(!buffer.isCommitted)
        buffer.append(message)
        #expect(buffer.isCommitted)
        buffer.interrupt()
        #expect(buffer.begin().isEmpty)
    }

    @Test("keeps what has no stream, however much it is, and commits with the first stream")
    func beforeTheStream() {
        var buffer = ReplayBuffer(limit: 5)
        for _ in 0..<3 { buffer.append(message) }
        #expect(!buffer.isCommitted)
        #expect(buffer.begin() == [message, message, message])
        #expect(buffer.isCommitted)
    }
}

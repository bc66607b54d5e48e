import Bytes
import Testing

@testable import HTTP2

@Suite("Memory of sessions") struct SessionMemoryTests {
    @Test("what one session gives back serves the next, and is bounded")
    func reuse() {
        let memory = SessionMemory()
        let events = Recorder()
        var kept: [Int] = []
        for _ in 0..<3 {
            let replies = ByteArena()
            do {
                let session = ServerSession(
                    settings: SessionSettings(), replies: replies, memory: memory, events: events)
                let output = ByteArena()
                #expect(session.produce(into: output, limit: 1000) == .drained)
                #expect(output.count > 0)
            }
            kept.append(memory.freeByteCount)
        }
        #expect(kept[0] > 0 && kept[1] == kept[0] && kept[2] == kept[0])
        #expect(kept[0] <= SessionMemory.keptByteCount)
    }
}

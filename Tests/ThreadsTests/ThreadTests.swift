import Testing
import Threads

@Suite("Threads") struct ThreadTests {
    @Test("run their body on a thread of their own, and joining waits for its end")
    func joins() {
        let result = Monitor(0)
        Thread.start(name: "fifteen-bytes-x") { result.withLock { $0 = 42 } }.join()
        #expect(result.withLock { $0 } == 42)
    }

    @Test("end on their own when nobody joins them")
    func detaches() {
        let flag = WaitFlag()
        _ = Thread.start(name: "alone") { flag.raise() }
        flag.wait()
    }

    @Test("run deep calls, as the main thread does")
    func stack() {
        let depth = Monitor(0)
        Thread.start(name: "deep") { depth.withLock { $0 = descend(4_000) } }.join()
        #expect(depth.withLock { $0 } == 4_000)
    }
}

/// Uses some hundred bytes of stack for each step.
private func descend(_ remaining: Int) -> Int {
    guard remaining > 0 else { return 0 }
    let padding = InlineArray<16, Int> { $0 + remaining }
    let below = descend(remaining - 1)
    return below + (padding[15] > 0 ? 1 : 0)
}

import Foundation
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

@Suite("How urgent a thread is") struct ThreadUrgencyTests {
    /// What the scheduler says of the thread; `nil` where the kernel does not tell.
    private static func slice() -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/thread-self/sched", encoding: .utf8) else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix("se.slice") }
        return line?.split(separator: ":").last.flatMap { Int($0.trimmingCharacters(in: .whitespaces)) }
    }

    private static func niceness() -> Int { Int(getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)) }

    private func seen(_ urgency: ThreadUrgency) -> (niceness: Int, slice: Int?) {
        let result = Monitor<(niceness: Int, slice: Int?)>((0, nil))
        Thread.start(name: "urgency", urgency: urgency) {
            result.withLock { $0 = (Self.niceness(), Self.slice()) }
        }.join()
        return result.withLock { $0 }
    }

    @Test("one of the background gives way to the others, and nobody else does")
    func background() {
        let own = Self.niceness()
        #expect(seen(.usual).niceness == own)
        #expect(seen(.prompt).niceness == own)
        #expect(seen(.background).niceness == min(19, own + 10))
    }

    @Test("a prompt one has the shortest slices, where the kernel tells", .enabled(if: Self.slice() != nil))
    func prompt() throws {
        let usual = try #require(seen(.usual).slice)
        let prompt = try #require(seen(.prompt).slice)
        // Before Linux 6.12 all have the same.
        #expect(prompt == 100_000 || prompt == usual)
    }
}

/// Uses some hundred bytes of stack for each step.
private func descend(_ remaining: Int) -> Int {
    guard remaining > 0 else { return 0 }
    let padding = InlineArray<16, Int> { $0 + remaining }
    let below = descend(remaining - 1)
    return below + (padding[15] > 0 ? 1 : 0)
}

import Testing
import Threads

@Suite("Monitors") struct MonitorTests {
    @Test("count every change that several threads make")
    func excludes() {
        let monitor = Monitor(0)
        let threads = (0..<4).map { index in
            Thread.start(name: "adder-\(index)") {
                for _ in 0..<1_000 { monitor.withLock { count in count += 1 } }
            }
        }
        for thread in threads { thread.join() }
        #expect(monitor.withLock { $0 } == 4_000)
    }

    @Test("wake every waiter by a broadcast")
    func broadcasts() {
        let isOpen = Monitor(false)
        let threads = (0..<4).map { index in
            Thread.start(name: "waiter-\(index)") { isOpen.wait { isOpen in isOpen ? () : nil } }
        }
        isOpen.broadcast { isOpen in isOpen = true }
        for thread in threads { thread.join() }
    }

    @Test("wake a waiter when it is worth it, and are told of each change")
    func wakes() {
        let count = Monitor(0)
        let waiter = Thread.start(name: "waiter") { count.wait { count in count == 1_000 ? () : nil } }
        for _ in 0..<1_000 {
            count.wakeIf { count in
                count += 1
                return count == 1_000
            }
        }
        waiter.join()
        #expect(count.withLock { $0 } == 1_000)
    }

    @Test("ask once more when the time is over")
    func asksAgain() {
        var questions = 0
        let answer = Monitor(7).wait(deadline: MonotonicClock.now) { number -> Int? in
            questions += 1
            return questions == 2 ? number : nil
        }
        #expect(answer == 7)
    }
}

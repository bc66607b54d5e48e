import Testing
import Threads

@Suite("Work queues") struct WorkQueueTests {
    @Test("run jobs in the order they came, and all of them before they are shut down")
    func inOrder() {
        let seen = Monitor([Int]())
        let queue = WorkQueue(name: "work", threadCount: 1, capacity: 100)
        for number in 0..<100 {
            let isAccepted = queue.submit { seen.withLock { $0.append(number) } }
            #expect(isAccepted)
        }
        queue.shutDown()
        #expect(seen.withLock { $0 } == Array(0..<100))
    }

    @Test("run an urgent job before all that wait")
    func urgent() {
        let seen = Monitor([Int]())
        let (isRunning, gate) = (WaitFlag(), WaitFlag())
        let queue = WorkQueue(name: "work", threadCount: 1, capacity: 10)
        var accepted = [
            queue.submit {
                isRunning.raise()
                gate.wait()
            }
        ]
        isRunning.wait()
        for number in 0..<3 { accepted.append(queue.submit { seen.withLock { $0.append(number) } }) }
        for number in 3..<5 { accepted.append(queue.submit(isUrgent: true) { seen.withLock { $0.append(number) } }) }
        gate.raise()
        queue.shutDown()
        #expect(!accepted.contains(false))
        #expect(seen.withLock { $0 } == [4, 3, 0, 1, 2])
    }

    @Test("refuse a job when as many wait as may")
    func refuses() {
        let gate = WaitFlag()
        let isRunning = WaitFlag()
        let queue = WorkQueue(name: "work", threadCount: 1, capacity: 2)
        let first = queue.submit {
            isRunning.raise()
            gate.wait()
        }
        isRunning.wait()
        let next = (0..<3).map { _ in queue.submit {} }
        gate.raise()
        queue.shutDown()
        #expect(first)
        #expect(next == [true, true, false])
    }

    @Test("refuse every job once they are shut down, and may be shut down again")
    func afterwards() {
        let queue = WorkQueue(name: "work", threadCount: 2, capacity: 2)
        queue.shutDown()
        queue.shutDown()
        #expect(!queue.submit {})
    }

    @Test("run jobs at the same time on several threads")
    func together() {
        let arrived = Monitor(0)
        let queue = WorkQueue(name: "work", threadCount: 3, capacity: 3)
        for _ in 0..<3 {
            // Each waits for the others, so one thread alone would never finish.
            let isAccepted = queue.submit {
                arrived.broadcast { count in count += 1 }
                arrived.wait { count in count == 3 ? () : nil }
            }
            #expect(isAccepted)
        }
        queue.shutDown()
        #expect(arrived.withLock { $0 } == 3)
    }
}

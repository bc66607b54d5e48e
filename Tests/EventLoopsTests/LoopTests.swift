import EventLoops
import Glibc
import Synchronization
import TestKit
import Testing
import Threads

@Suite("Event loops", .timeLimit(.minutes(5 * Patience.factor))) struct LoopTests {
    @Test("run what other threads post, each thread's jobs in their order")
    func mailbox() throws {
        let loop = try LoopThread(name: "loop")
        let seen = Monitor([[Int]](repeating: [], count: 4))
        let threads = (0..<4).map { sender in
            Thread.start(name: "sender-\(sender)") {
                for number in 0..<2_000 { loop.mailbox.post { seen.withLock { $0[sender].append(number) } } }
            }
        }
        for thread in threads { thread.join() }
        loop.stop()  // After everything that was posted.
        #expect(seen.withLock { $0 } == [[Int]](repeating: Array(0..<2_000), count: 4))
    }

    @Test("run a job that a job posts in the next turn, so that none starves the sockets")
    func nestedJobs() throws {
        let loop = try LoopThread(name: "loop")
        let turns = Monitor([Int]())
        let done = WaitFlag()
        loop.post { inner in
            let turn = Monitor(0)
            inner.onTurnEnd { turn.withLock { $0 += 1 } }
            let mailbox = inner.mailbox
            mailbox.post {
                turns.withLock { $0.append(turn.withLock { $0 }) }
                mailbox.post {
                    turns.withLock { $0.append(turn.withLock { $0 }) }
                    done.raise()
                }
            }
        }
        done.wait()
        #expect(turns.withLock { $0 } == [1, 2])
        loop.stop()
    }

    @Test("run only so many jobs in one turn, the others in their order in the next ones")
    func manyJobs() throws {
        var configuration = EventLoop.Configuration()
        configuration.jobCountMax = 4
        let loop = try LoopThread(name: "loop", configuration: configuration)
        let seen = Monitor([(turn: Int, job: Int)]())
        loop.post { inner in
            let turn = Monitor(0)
            inner.onTurnEnd { turn.withLock { $0 += 1 } }
            // All of them are there when the next turn begins.
            for job in 0..<10 {
                inner.mailbox.post { seen.signal { $0.append((turn.withLock { $0 }, job)) } }
            }
        }
        let jobs = seen.wait { $0.count == 10 ? $0 : nil }
        #expect(jobs.map(\.turn) == [1, 1, 1, 1, 2, 2, 2, 2, 3, 3])
        #expect(jobs.map(\.job) == Array(0..<10))
        loop.stop()
    }

    @Test("refuse what is posted after they have stopped")
    func afterStop() throws {
        let loop = try LoopThread(name: "loop")
        loop.stop()
        #expect(!loop.mailbox.post {})
        #expect(loop.call { _ in 1 } == nil)
    }

    @Test("run timers on a clock that is turned by hand, in their order and not before")
    func timers() throws {
        let clock = ManualClock()
        var configuration = EventLoop.Configuration()
        configuration.clock = { clock.now }
        let loop = try LoopThread(name: "loop", configuration: configuration)
        let fired = Monitor([Int]())
        loop.post { loop in
            for delay in [300, 100, 200] {
                loop.schedule(after: .milliseconds(delay)) { fired.withLock { $0.append(delay) } }
            }
            let cancelled = loop.schedule(after: .milliseconds(150)) { fired.withLock { $0.append(150) } }
            loop.cancel(cancelled)
            loop.cancel(cancelled)
        }
        loop.finishTurn()
        for _ in 0..<3 {
            clock.advance(by: .milliseconds(99))
            for _ in 0..<2 { loop.finishTurn() }
        }
        #expect(fired.withLock { $0 } == [100, 200])
        clock.advance(by: .milliseconds(15))
        for _ in 0..<2 { loop.finishTurn() }
        #expect(fired.withLock { $0 } == [100, 200, 300])
        loop.stop()
    }

    @Test("wake up for a timer without any event")
    func realTimer() throws {
        let loop = try LoopThread(name: "loop")
        let done = WaitFlag()
        let lateness = Monitor<Int64>(0)
        loop.post { loop in
            let due = MonotonicClock.now + 20_000_000
            loop.schedule(after: .milliseconds(20)) {
                lateness.withLock { $0 = MonotonicClock.now - due }
                done.raise()
            }
        }
        done.wait()
        #expect(lateness.withLock { $0 } >= 0)
        loop.stop()
    }

    @Test("deliver the signals of the process", arguments: Signal.allCases)
    func signals(signal: Signal) throws {
        let loop = try LoopThread(name: "loop")
        let seen = Monitor<Signal?>(nil)
        let isSet = loop.call { loop in
            (try? loop.onSignals([signal]) { signal in seen.signal { $0 = signal } }) != nil
        }
        #expect(isSet == true)
        // To the loop's thread alone: the test process itself does not block the signal.
        loop.post { _ in _ = pthread_kill(pthread_self(), signal.number) }
        #expect(seen.wait { $0 } == signal)
        loop.stop()
    }

    @Test("tell why a connection could not be made", arguments: ["127.0.0.1:1", "[::1]:1", "unix:/nonexistent/socket"])
    func refused(text: String) throws {
        let loop = try LoopThread(name: "loop")
        let address = try SocketAddress(parsing: text)
        let error = #expect(throws: LoopError.self) { try loop.connect(to: address) }
        guard case .system(let operation, let code) = error else {
            Issue.record("wrong error: \(String(describing: error))")
            return
        }
        #expect(operation == "connect to \(text)")
        #expect([ECONNREFUSED, ENOENT].contains(code))
        loop.stop()
    }

    @Test("keep a value that belongs to them from other threads, and let it go at home")
    func bound() throws {
        let loop = try LoopThread(name: "loop")
        let place = Monitor<Bool?>(nil)
        let mailbox = loop.mailbox
        let bound = Monitor<LoopBound<Witness>?>(nil)
        loop.post { loop in
            let witness = Witness { place.signal { $0 = mailbox.isOnLoop } }
            let made = LoopBound(witness, loop: loop)
            bound.signal { $0 = made }
        }
        bound.wait { $0.map { _ in () } }
        loop.finishTurn()
        bound.withLock { $0 = nil }  // The last reference, dropped here.
        #expect(place.wait { $0 })
        loop.stop()
    }

    @Test("trap when a bound value is touched on another thread")
    func boundTrap() async {
        await #expect(processExitsWith: .failure) {
            let loop = try LoopThread(name: "loop")
            let bound = Monitor<LoopBound<Int>?>(nil)
            loop.post { loop in
                let made = LoopBound(7, loop: loop)
                bound.signal { $0 = made }
            }
            print(bound.wait { $0 }.value)
        }
    }

    @Test("know how many processors they may use")
    func processors() { #expect(Processors.availableCount >= 1) }
}

/// Says when it is let go.
private final class Witness {
    private let onDeinit: () -> Void
    init(_ onDeinit: @escaping () -> Void) { self.onDeinit = onDeinit }
    deinit { onDeinit() }
}

import EventLoops
import Synchronization
import Testing

@Suite("Turns that wait for the disk") struct DiskWaitTests {
    /// A clock and a count of faults that jobs of the loop move.
    private final class Machine: Sendable {
        let time = Atomic<Int64>(0)
        let faultCount = Atomic(0)
    }

    /// Runs a loop whose turns take so many nanoseconds and have so many faults.
    ///
    /// - Returns: what it told of them.
    private func told(_ turns: [(nanoseconds: Int64, faults: Int)]) throws -> [Int64] {
        let machine = Machine()
        var configuration = EventLoop.Configuration()
        configuration.clock = { machine.time.load(ordering: .relaxed) }
        configuration.majorFaults = { machine.faultCount.load(ordering: .relaxed) }
        configuration.longTurn = 50_000
        let loop = try EventLoop(configuration: configuration)
        var told: [Int64] = []
        loop.onDiskWait { told.append($0) }
        var left = turns[...]
        loop.onTurnEnd {
            guard let turn = left.popFirst() else { return loop.stop() }
            machine.time.add(turn.nanoseconds, ordering: .relaxed)
            machine.faultCount.add(turn.faults, ordering: .relaxed)
            // Something for the next turn.
            loop.mailbox.post {}
        }
        loop.mailbox.post {}
        loop.run()
        return told
    }

    @Test("are told with what they took")
    func waits() throws {
        #expect(try told([(60_000, 1), (200_000, 0), (1_000_000, 5)]) == [60_000, 1_000_000])
    }

    @Test("are not asked about while they are short")
    func short() throws {
        #expect(try told([(49_999, 1), (10, 0), (0, 9)]).isEmpty)
    }
}

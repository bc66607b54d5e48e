import Testing

@testable import NewsServer

@Suite("Unary calls that wait for room") struct WaitingCallsTests {
    private func call(_ slot: Int) -> WaitingCalls.Call { .init(slot: slot, generation: 1, deadline: .max) }

    @Test("are taken in their order, and then there are none")
    func order() {
        var waiting = WaitingCalls()
        #expect(waiting.isEmpty && waiting.removeFirst()?.slot == nil)
        for slot in 0..<1000 { waiting.append(call(slot)) }
        for slot in 0..<1000 { #expect(waiting.removeFirst()?.slot == slot) }
        #expect(waiting.isEmpty && waiting.removeFirst()?.slot == nil && waiting.storedCount == 0)
    }

    @Test("take no more memory for having been many, also where there is always one left")
    func memory() {
        var waiting = WaitingCalls()
        waiting.append(call(0))
        for slot in 1..<100_000 {
            waiting.append(call(slot))
            #expect(waiting.removeFirst()?.slot == slot - 1)
            #expect(!waiting.isEmpty && waiting.storedCount <= 130)
        }
        for slot in 0..<10_000 { waiting.append(call(slot)) }
        for _ in 0..<6_000 { _ = waiting.removeFirst() }
        #expect(waiting.storedCount < 6_000)
    }
}

import Testing
import Threads

@Suite("A queue") struct FirstInFirstOutTests {
    @Test("gives back what went in, in that order, but for what was put first")
    func order() {
        var queue = FirstInFirstOut<Int>()
        var expected: [Int] = []
        var (state, next) = (UInt64(7), 0)
        for _ in 0..<5_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            switch (state >> 33) % 5 {
            case 0, 1:
                queue.append(next)
                expected.append(next)
            case 2:
                queue.prepend(next)
                expected.insert(next, at: 0)
            default: #expect(queue.removeFirst() == (expected.isEmpty ? nil : expected.removeFirst()))
            }
            next += 1
            #expect(queue.count == expected.count)
        }
        while let element = queue.removeFirst() { #expect(element == expected.removeFirst()) }
        #expect(expected.isEmpty && queue.count == 0)
    }
}

import Foundation
import FuzzTargets
import TestKit
import Testing

/// What fuzzing has found worth keeping, and what it began with, run as a test. `make fuzz` goes on from there.
@Suite("The corpora of the fuzzer") struct CorpusTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/fuzz")

    private func inputs(of target: FuzzTarget) throws -> [[UInt8]] {
        let folder = Self.folder.appending(path: target.rawValue)
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .sorted { $0.path < $1.path }.map { Array(try Data(contentsOf: $0)) }
    }

    @Test("every input is survived, whole, cut off and with a byte changed", arguments: FuzzTarget.allCases)
    func replay(target: FuzzTarget) throws {
        var random = SeededGenerator(seed: 1)
        let inputs = try inputs(of: target)
        #expect(!inputs.isEmpty && inputs.reduce(0) { $0 + $1.count } < 100_000)
        for input in inputs {
            target.run(input)
            for _ in 0..<8 where !input.isEmpty {
                target.run(Array(input.prefix(Int.random(in: 0...input.count, using: &random))))
                var changed = input
                changed[Int.random(in: 0..<input.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                target.run(changed)
            }
        }
    }
}

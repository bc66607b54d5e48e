import Foundation
import FuzzTargets
import Testing

/// The seeds of whole connections do what their names say: a fuzzer that begins with refusals learns little.
@Suite("Connections of the fuzzer") struct SessionTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/fuzz/session")

    private func answer(_ seed: String) throws -> [UInt8] {
        SessionFuzzing.play(Array(try Data(contentsOf: Self.folder.appending(path: "seed-\(seed)"))))
    }

    /// The types of the frames of an answer, in order.
    private func frames(_ bytes: [UInt8]) -> [UInt8] {
        var types: [UInt8] = []
        var start = 0
        while start + 9 <= bytes.count {
            types.append(bytes[start + 3])
            start += 9 + Int(bytes[start]) << 16 + Int(bytes[start + 1]) << 8 + Int(bytes[start + 2])
        }
        return types
    }

    @Test(
        "calls are answered with as many messages as they have",
        arguments: [
            ("get", 1), ("own-preface", 1), ("bytewise", 1), ("continuation", 1), ("padded", 1), ("metadata", 1),
            ("compressed", 1), ("batch", 1), ("list", 2), ("create", 1), ("import", 1), ("pieces", 3),
            ("reflection", 3), ("half-close", 1), ("goaway", 1),
        ])
    func answers(seed: String, messages: Int) throws {
        #expect(frames(try answer(seed)).count { $0 == 0 } >= messages)
    }

    @Test("what goes too far ends in a GOAWAY", arguments: ["pings", "drain", "idle", "age"])
    func goAways(seed: String) throws {
        #expect(frames(try answer(seed)).contains(7))
    }

    @Test("the same bytes have the same answer", arguments: ["large", "import", "watch", "refused", "many", "resets"])
    func repeats(seed: String) throws {
        #expect(try answer(seed) == answer(seed))
    }
}

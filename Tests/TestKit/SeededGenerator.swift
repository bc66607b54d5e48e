internal import Files

/// Random numbers that a seed repeats (SplitMix64; Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators").
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    package let seed: UInt64
    private var state: UInt64

    package init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// A generator for one test: from NEWSRPC_SEED when that is set, else from a seed of its own for every run.
    ///
    /// The seed is printed, so that a failing run can be repeated.
    package static func forTest(_ name: String) -> SeededGenerator {
        let given = ProcessEnvironment.value(of: "NEWSRPC_SEED").flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: 1...999_999_999)
        print("\(name): NEWSRPC_SEED=\(seed)")
        return SeededGenerator(seed: seed)
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// So many random bytes.
    package mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    /// `true` once in `count` times.
    package mutating func oneIn(_ count: Int) -> Bool { next() % UInt64(count) == 0 }
}

internal import Files

/// How many times longer than usual tests may wait: code is some ten times slower under a sanitizer
/// (scripts/sanitize.sh).
package enum Patience {
    package static let factor = ProcessEnvironment.value(of: "NEWSRPC_TEST_PATIENCE").flatMap { Int($0) } ?? 1
}

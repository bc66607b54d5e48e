import NewsModel
import Testing

@testable import NewsStore

@Suite("Jobs that are done") struct SpentJobsTests {
    private final class Held: Sendable {}

    @Test("are freed where they are let go, although others still hold their place")
    func letGo() throws {
        let period = try #require(Period("2026-02"))
        weak let held: Held?
        let spent: SpentJobs
        do {
            let object = Held()
            held = object
            let command = TestCommand<Int>(period: period) { _ in
                withExtendedLifetime(object) { 0 }
            }
            spent = SpentJobs([WriteJob(command) { _ in }])
        }
        #expect(held != nil)
        spent.letGo()
        #expect(held == nil)
        spent.letGo()  // Nothing is left.
    }
}

import Testing
import Threads

@Suite("Wait flags") struct WaitFlagTests {
    @Test("let a waiter pass once for each time they were raised and waited for")
    func lowersItself() {
        let flag = WaitFlag()
        flag.raise()
        flag.raise()
        flag.wait()
        #expect(!flag.wait(for: .zero))
    }

    @Test("wake a thread that waits")
    func wakes() {
        let flag = WaitFlag()
        let answer = WaitFlag()
        let thread = Thread.start(name: "waiter") {
            flag.wait()
            answer.raise()
        }
        flag.raise()
        answer.wait()
        thread.join()
    }

    @Test("are still lowered when the time is over", arguments: [Duration.zero, .seconds(-1), .milliseconds(1)])
    func expires(duration: Duration) { #expect(!WaitFlag().wait(for: duration)) }

    @Test("pass within a time limit of any length once raised", arguments: [Duration.zero, .seconds(Int64.max)])
    func limits(duration: Duration) {
        let flag = WaitFlag()
        flag.raise()
        #expect(flag.wait(for: duration))
    }
}

@Suite("Durations") struct DurationTests {
    @Test(
        "are whole nanoseconds between zero and the largest that 64 bits hold",
        arguments: [
            (Duration.zero, 0), (.nanoseconds(1), 1), (.milliseconds(1_500), 1_500_000_000), (.seconds(-3), 0),
            (.seconds(Int64.max), .max), (Duration(secondsComponent: 0, attosecondsComponent: 999_999_999), 0),
        ] as [(Duration, Int64)])
    func nanoseconds(duration: Duration, expected: Int64) { #expect(duration.nanoseconds == expected) }
}

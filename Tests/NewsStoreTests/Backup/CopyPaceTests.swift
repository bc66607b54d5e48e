import TestKit
import Testing

@testable import NewsStore

@Suite("The pace of a copy") struct CopyPaceTests {
    @Test(
        "waits for what was copied too early, and for nothing else",
        arguments: [
            (0, 0, 0), (1000, 0, 1_000_000_000), (1000, 400_000_000, 600_000_000), (1000, 1_000_000_000, 0),
            (1000, 9_000_000_000, 0), (3500, 3_000_000_000, 500_000_000),
        ])
    func delay(copied: Int, elapsed: Int64, delay: Int64) {
        #expect(CopyPace(bytesPerSecond: 1000).delay(copied: copied, elapsed: elapsed) == delay)
    }

    @Test("copies in pieces of a tenth of a second, and takes the time that the rate says")
    func meter() throws {
        let clock = ManualTime()
        var options = BackupOptions()
        options.bytesPerSecond = 1 << 20
        options.now = { clock.now }
        options.wait = { clock.advance($0) }
        let meter = CopyMeter(options, OperationReport(nil, OperationGate()))
        #expect(meter.chunkByteCount == 104_857)
        var copied = 0
        while copied < 4 << 20 {
            let count = min(meter.chunkByteCount, 4 << 20 - copied)
            try meter.add(count)
            copied += count
        }
        #expect(abs(clock.now - 4_000_000_000) < 1_000_000)
    }
}

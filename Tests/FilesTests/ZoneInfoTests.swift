import Files
import Testing

@Suite("Time zone files") struct ZoneInfoTests {
    @Test("are read by name", arguments: ["UTC", "Asia/Shanghai", "America/Argentina/Buenos_Aires", "Etc/GMT+8"])
    func read(name: String) throws {
        #expect(try ZoneInfo.read(name).starts(with: "TZif".utf8))
    }

    @Test(
        "cannot be named by a path that leads elsewhere",
        arguments: [
            "", "/etc/passwd", "../../../etc/passwd", "Asia/../UTC", "Asia//Shanghai", "Asia/", ".", "UTC\0", "A b",
            String(repeating: "a", count: 65),
        ])
    func refused(name: String) {
        #expect { try ZoneInfo.read(name) } throws: { ($0 as? FileError)?.reason == .badPath }
    }

    @Test("that do not exist are told from names that are wrong")
    func absent() {
        #expect { try ZoneInfo.read("Asia/Atlantis") } throws: { ($0 as? FileError)?.reason == .notFound }
    }

    @Test("are asked for under the system's own zone, when it has one")
    func system() {
        if let name = ZoneInfo.systemZoneName() { #expect(ZoneInfo.isZoneName(name)) }
    }
}

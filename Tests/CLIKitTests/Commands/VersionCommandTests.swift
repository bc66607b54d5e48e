import Testing

@Suite("version") struct VersionCommandTests {
    @Test("prints the program's name and version without a server")
    func version() async {
        #expect(await CLIRun()("version") == .init(output: "newsrpc-cli 0.1.0\n", errors: "", code: 0))
        #expect(await CLIRun()("--version").output == "0.1.0\n")
        #expect(
            await CLIRun()("version", "-o", "jsonl").output == "{\"program\":\"newsrpc-cli\",\"version\":\"0.1.0\"}\n")
    }
}

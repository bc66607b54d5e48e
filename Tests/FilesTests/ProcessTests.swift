import Files
import Testing

@Suite("What a process has") struct ProcessTests {
    @Test("reads its environment")
    func environment() {
        #expect(ProcessEnvironment.value(of: "PATH")?.isEmpty == false)
        #expect(ProcessEnvironment.value(of: "NEWSRPC_THIS_IS_NOT_SET") == nil)
    }

    @Test("raises the limit of open files once and for all")
    func descriptors() {
        let raised = ProcessEnvironment.raiseDescriptorLimit()
        #expect(raised > 0)
        #expect(ProcessEnvironment.raiseDescriptorLimit() == raised)
    }

    @Test("names its streams in errors and writes nothing for nothing")
    func streams() throws {
        try StandardStream.output.write("")
        #expect(StandardStream.errors.terminalWidth.map { $0 > 0 } ?? true)
    }
}

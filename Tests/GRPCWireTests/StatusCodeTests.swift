import GRPCWire
import Testing

@Suite("Status codes") struct StatusCodeTests {
    @Test(
        "have their published numbers and names",
        arguments: [
            (StatusCode.ok, 0, "OK"), (.cancelled, 1, "CANCELLED"), (.unknown, 2, "UNKNOWN"),
            (.invalidArgument, 3, "INVALID_ARGUMENT"), (.deadlineExceeded, 4, "DEADLINE_EXCEEDED"),
            (.notFound, 5, "NOT_FOUND"), (.alreadyExists, 6, "ALREADY_EXISTS"),
            (.permissionDenied, 7, "PERMISSION_DENIED"), (.resourceExhausted, 8, "RESOURCE_EXHAUSTED"),
            (.failedPrecondition, 9, "FAILED_PRECONDITION"), (.aborted, 10, "ABORTED"),
            (.outOfRange, 11, "OUT_OF_RANGE"), (.unimplemented, 12, "UNIMPLEMENTED"), (.internalError, 13, "INTERNAL"),
            (.unavailable, 14, "UNAVAILABLE"), (.dataLoss, 15, "DATA_LOSS"), (.unauthenticated, 16, "UNAUTHENTICATED"),
        ] as [(StatusCode, Int, String)])
    func published(code: StatusCode, number: Int, name: String) {
        #expect(code.rawValue == number)
        #expect(code.name == name)
        #expect(StatusCode(parsing: Array(String(number).utf8).span) == code)
    }

    @Test(
        "D4: what is not a plain number is not a code", arguments: ["", "abc", "-1", "+1", " 0", "0x1", "1234567890"])
    func unparsable(text: String) {
        #expect(StatusCode(parsing: Array(text.utf8).span) == nil)
    }

    @Test("D4: an unknown number is kept")
    func unknownNumber() {
        let code = StatusCode(parsing: Array("99".utf8).span)
        #expect(code == StatusCode(rawValue: 99))
        #expect(code?.isKnown == false)
        #expect(code?.name == "CODE_99")
    }

    @Test("A status reads as code and message")
    func description() {
        #expect(Status(.notFound, "no article").description == "NOT_FOUND: no article")
        #expect(Status.ok.description == "OK")
        #expect(Status.ok.isOK)
    }
}

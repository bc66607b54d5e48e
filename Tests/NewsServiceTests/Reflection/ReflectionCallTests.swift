import GRPCCall
import GRPCWire
import NewsMessages
import NewsService
import Testing

@Suite("Reflection") struct ReflectionCallTests {
    private func answer(
        _ question: ServerReflectionRequest.MessageRequest?, host: String = ""
    ) -> ServerReflectionResponse {
        var request = ServerReflectionRequest()
        request.host = host
        request.messageRequest = question
        return request.answer(by: .shared)
    }

    private func code(_ response: ServerReflectionResponse) -> Int32? {
        if case .errorResponse(let error) = response.messageResponse { return error.errorCode }
        return nil
    }

    @Test("F: each question is answered by its kind, with the question and its host")
    func kinds() {
        let file = answer(.fileByFilename("news/v1/article.proto"), host: "example.com")
        guard case .fileDescriptorResponse(let files) = file.messageResponse else {
            Issue.record("\(file)")
            return
        }
        #expect(files.fileDescriptorProto.count == 2)
        #expect(file.validHost == "example.com" && file.originalRequest?.host == "example.com")
        #expect(file.originalRequest?.messageRequest == .fileByFilename("news/v1/article.proto"))

        guard case .listServicesResponse(let list) = answer(.listServices("*")).messageResponse else {
            Issue.record("no list")
            return
        }
        #expect(list.service.map(\.name) == SchemaIndex.shared.services)

        var request = ServerReflectionRequest()
        request.messageRequest = .listServices("*")
        let part = request.answer(by: .shared, listing: ["news.v1.AdminService", "other"]).messageResponse
        guard case .listServicesResponse(let listed) = part else {
            Issue.record("no list")
            return
        }
        #expect(listed.service.map(\.name) == ["news.v1.AdminService"])

        let numbers = answer(.allExtensionNumbersOfType("news.v1.Article")).messageResponse
        guard case .allExtensionNumbersResponse(let none) = numbers else {
            Issue.record("no numbers")
            return
        }
        #expect(none.baseTypeName == "news.v1.Article" && none.extensionNumber.isEmpty)
    }

    @Test("F: what is not known is an error_response of its own")
    func unknown() {
        var wanted = ExtensionRequest()
        wanted.containingType = "news.v1.Article"
        wanted.extensionNumber = 100
        for question in [
            .fileByFilename("x.proto"), .fileContainingSymbol("news.v1.Nothing"), .fileContainingExtension(wanted),
            .allExtensionNumbersOfType("news.v1.Nothing"),
        ] as [ServerReflectionRequest.MessageRequest] {
            #expect(code(answer(question)) == 5)
        }
        #expect(code(answer(nil)) == 3)
    }

    @Test("F: both versions answer on one stream, question by question, each after the answer before it has left")
    func stream() throws {
        let harness = try ServiceHarness()
        for route in [
            Route.serverReflectionServerReflectionInfo, .alphaServerReflectionServerReflectionInfo,
        ] {
            let sink = TestSink()
            let handler = harness.open(route, sink)
            for symbol in ["news.v1.Nothing", "news.v1.NewsService.GetArticle"] {
                #expect(sink.waitForCredit())
                var request = AlphaServerReflectionRequest()
                request.messageRequest = .fileContainingSymbol(symbol)
                let bytes = request.encoded()
                handler.received(bytes.span)
                #expect(!sink.hasCredit, "an answer is on its way")
                handler.drained()
                handler.drained()
            }
            handler.halfClosed()
            let (messages, status) = sink.waitForEnd()
            handler.ended()
            #expect(status.isOK)
            let answers = try messages.map { try ServerReflectionResponse($0) }
            #expect(answers.count == 2)
            #expect(code(answers[0]) == 5)
            guard case .fileDescriptorResponse(let files) = answers[1].messageResponse else {
                Issue.record("\(answers[1])")
                return
            }
            #expect(files.fileDescriptorProto.count == 5)
        }
        harness.close()
    }

    @Test("F: a question that cannot be decoded ends the stream")
    func undecodable() throws {
        let harness = try ServiceHarness()
        let sink = TestSink()
        let handler = harness.open(.serverReflectionServerReflectionInfo, sink)
        let bytes: [UInt8] = [0xFF]
        handler.received(bytes.span)
        #expect(sink.waitForEnd().status.code == .internalError)
        handler.ended()
        harness.close()
    }
}

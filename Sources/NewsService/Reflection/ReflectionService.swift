package import GRPCCall
package import GRPCWire
package import NewsMessages

/// grpc.reflection.v1.ServerReflection and its v1alpha, which differ by name only: bytes that answer the one answer the
/// other.
package final class ReflectionService: ServerReflectionHandlers, AlphaServerReflectionHandlers {
    package init() {}

    package func serverReflectionInfo(_ call: CallReference) -> any StreamHandler { ReflectionCall(call) }

    package func refusal(of error: MessageError) -> Status { Failure(error).status }
}

/// One stream of questions about the schema.
///
/// The next question is taken when the answer to the last has left: an answer may be a thousand times as large as its
/// question.
private final class ReflectionCall: StreamHandler {
    private let call: CallReference
    private var isAnswering = false

    init(_ call: CallReference) {
        self.call = call
        call.request(1)
    }

    func received(_ message: Span<UInt8>) {
        do throws(MessageError) {
            let request = try ServerReflectionRequest(decoding: message)
            isAnswering = true
            call.send(request.answer(by: .shared).encoded())
        } catch {
            call.finish(Failure(error).status)
        }
    }

    func drained() {
        guard isAnswering else { return }
        isAnswering = false
        call.request(1)
    }

    func halfClosed() { call.finish(.ok) }

    func ended() {}
}

extension ServerReflectionRequest {
    package func answer(by index: SchemaIndex) -> ServerReflectionResponse {
        var response = ServerReflectionResponse()
        response.validHost = host
        response.originalRequest = self
        response.messageResponse = content(by: index)
        return response
    }

    private func content(by index: SchemaIndex) -> ServerReflectionResponse.MessageResponse {
        switch messageRequest {
        case .fileByFilename(let name): return Self.files(index.files(named: name), "file \"\(name.prefix(80))\"")
        case .fileContainingSymbol(let name):
            return Self.files(index.files(declaring: name), "declaration of \"\(name.prefix(80))\"")
        case .fileContainingExtension(let wanted):
            let (type, number) = (wanted.containingType, wanted.extensionNumber)
            return Self.files(
                index.files(extending: type, number: number), "extension \(number) of \"\(type.prefix(80))\"")
        case .allExtensionNumbersOfType(let type):
            guard let numbers = index.extensionNumbers(of: type) else {
                return Self.failure(.notFound, "there is no message \"\(type.prefix(80))\"")
            }
            var answer = ExtensionNumberResponse()
            answer.baseTypeName = type
            answer.extensionNumber = numbers
            return .allExtensionNumbersResponse(answer)
        case .listServices:
            var answer = ListServiceResponse()
            answer.service = index.services.map { name in
                var service = ServiceResponse()
                service.name = name
                return service
            }
            return .listServicesResponse(answer)
        case nil: return Self.failure(.invalidArgument, "the message asks for nothing that is known here")
        }
    }

    private static func files(_ files: [[UInt8]]?, _ what: String) -> ServerReflectionResponse.MessageResponse {
        guard let files else { return failure(.notFound, "there is no \(what)") }
        var answer = FileDescriptorResponse()
        answer.fileDescriptorProto = files
        return .fileDescriptorResponse(answer)
    }

    private static func failure(_ code: StatusCode, _ message: String) -> ServerReflectionResponse.MessageResponse {
        var answer = ErrorResponse()
        answer.errorCode = Int32(code.rawValue)
        answer.errorMessage = message
        return .errorResponse(answer)
    }
}

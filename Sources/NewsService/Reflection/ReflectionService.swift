package import GRPCCall
package import GRPCWire
package import NewsMessages

/// grpc.reflection.v1.ServerReflection and its v1alpha, which differ by name only: bytes that answer the one answer the
/// other.
package final class ReflectionService: ServerReflectionHandlers, AlphaServerReflectionHandlers {
    private let services: Set<String>

    /// - Parameter services: full names of those that are listed. The others can be described all the same: what they
    ///   are is in the published contract.
    package init(services: Set<String>) { self.services = services }

    package func serverReflectionInfo(_ call: CallReference) -> any StreamHandler { ReflectionCall(call, services) }

    package func refusal(of error: MessageError) -> Status { Failure(error).status }
}

/// One stream of questions about the schema.
///
/// The next question is taken when the answer to the last has left: an answer may be a thousand times as large as its
/// question.
private final class ReflectionCall: StreamHandler {
    private let call: CallReference
    private let services: Set<String>
    private var isAnswering = false

    init(_ call: CallReference, _ services: Set<String>) {
        self.call = call
        self.services = services
        call.request(1)
    }

    func received(_ message: Span<UInt8>) {
        do throws(MessageError) {
            let request = try ServerReflectionRequest(decoding: message)
            isAnswering = true
            call.send(request.answer(by: .shared, listing: services).encoded())
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
    /// - Parameter services: those that are listed, of all that the index knows; `nil`: all.
    package func answer(
        by index: SchemaIndex, listing services: Set<String>? = nil
    ) -> ServerReflectionResponse {
        var response = ServerReflectionResponse()
        response.validHost = host
        response.originalRequest = self
        response.messageResponse = content(by: index, services)
        return response
    }

    private func content(
        by index: SchemaIndex, _ services: Set<String>?
    ) -> ServerReflectionResponse.MessageResponse {
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
            let listed = index.services.filter { services?.contains($0) ?? true }
            answer.service = listed.map { name in
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

package import GRPCCall
package import GRPCWire
package import NewsMessages
internal import NewsModel

/// news.v1.AdminService on one loop. What takes long runs on a thread of its own, see `OperationDesk`.
package final class AdminService: AdminServiceHandlers {
    let core: AdminCore
    let zones: ZoneTable

    package init(_ core: ServiceCore) {
        self.core = core.admin
        zones = core.zones
    }

    package func getStoreStats(_ request: GetStoreStatsRequest, _ call: CallContext) -> UnaryOutcome {
        StoreStats(core, withShards: request.includeShards).encode(into: call.reply)
        return .replied
    }

    package func getOperation(_ request: GetOperationRequest, _ call: CallContext) -> UnaryOutcome {
        reply(call) { () throws(Failure) in try core.operations.operation(request.name) }
    }

    package func listOperations(_ request: ListOperationsRequest, _ call: CallContext) -> UnaryOutcome {
        var response = ListOperationsResponse()
        response.operations = core.operations.all
        response.encode(into: call.reply)
        return .replied
    }

    package func watchOperation(_ call: CallReference) -> any StreamHandler { OperationWatch(core.operations, call) }

    package func cancelOperation(_ request: CancelOperationRequest, _ call: CallContext) -> UnaryOutcome {
        reply(call) { () throws(Failure) in
            try core.operations.cancel(request.name)
            return Empty()
        }
    }

    package func refusal(of error: MessageError) -> Status { Failure(error).status }

    func reply(_ call: CallContext, _ body: () throws(Failure) -> some ArenaMessage) -> UnaryOutcome {
        do throws(Failure) {
            try body().encode(into: call.reply)
            return .replied
        } catch {
            return .failed(error.status)
        }
    }
}

@available(*, unavailable) extension AdminService: Sendable {}

internal import NewsMessages

extension RPCError {
    /// The reason of the first google.rpc.ErrorInfo among encoded details. Details that cannot be read have none: the
    /// status itself is what matters.
    static func reason(in details: [UInt8]) -> String? {
        guard !details.isEmpty, let status = try? RPCStatus(decoding: details.span) else { return nil }
        for detail in status.details where detail.typeUrl.hasSuffix("/google.rpc.ErrorInfo") {
            guard let info = try? ErrorInfo(decoding: detail.value.span), !info.reason.isEmpty else { continue }
            return info.reason
        }
        return nil
    }
}

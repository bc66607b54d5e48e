internal import NewsClient

enum Connection {
    static func channel(to address: String) throws(RPCError) -> any CallChannel {
        throw RPCError(.unavailable, "no transport is built in", origin: .notConnected)
    }
}

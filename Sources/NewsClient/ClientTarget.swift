internal import EventLoops

/// Where a client connects to.
struct ClientTarget: Sendable {
    enum Place: Hashable, Sendable {
        case address(SocketAddress)
        /// Host name and port, to be looked up for each attempt.
        case name(String)
    }

    let place: Place
    /// What `:authority` says: the target as the user wrote it, or "localhost" for a unix socket.
    let authority: String

    init(_ text: String) throws(RPCError) {
        do throws(AddressError) {
            place = .address(try SocketAddress(parsing: text))
        } catch {
            guard case .notAnIPAddress = error else {
                throw RPCError(.invalidArgument, error.description, origin: .notConnected)
            }
            place = .name(text)
        }
        if case .address(.unix) = place { authority = "localhost" } else { authority = text }
    }
}

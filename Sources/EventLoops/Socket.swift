internal import CLinux
internal import Glibc

/// What became of a call that moves bytes.
enum Transfer {
    /// At least one byte was moved.
    case moved(byteCount: Int)
    /// Nothing can be moved now.
    case wouldBlock
    /// Reading: the peer sends no more.
    case ended
    case failed(code: Int32)
}

/// The system calls on stream sockets. All sockets are non-blocking and closed on exec.
enum Socket {
    /// Waiting connections that the kernel keeps; it takes less when net.core.somaxconn is less.
    static let backlog: Int32 = 1024

    static func open(for address: SocketAddress) throws(LoopError) -> Descriptor {
        let family =
            switch address {
            case .ipv4: AF_INET
            case .ipv6: AF_INET6
            case .unix: AF_UNIX
            }
        let type = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        return try Descriptor(socket(family, Int32(type), 0), operation: "socket for \(address)")
    }

    /// Turns a yes-or-no option on.
    static func enable(_ option: Int32, level: Int32 = SOL_SOCKET, on number: Int32) {
        var one: Int32 = 1
        let code = unsafe setsockopt(number, level, option, &one, socklen_t(MemoryLayout<Int32>.size))
        precondition(code == 0, "the options used here exist for every TCP socket")
    }

    /// Sends small pieces at once: HTTP/2 writes whole turns, and waiting for an ACK would only add latency.
    static func disableDelay(on number: Int32) { enable(TCP_NODELAY, level: Int32(IPPROTO_TCP), on: number) }

    static func bind(_ number: Int32, to address: SocketAddress) throws(LoopError) {
        let code = unsafe SystemAddress(address).withPointer { pointer, count in
            unsafe Glibc.bind(number, pointer, count)
        }
        guard code == 0 else {
            if errno == EADDRINUSE { throw .addressInUse(address) }
            throw .system(operation: "bind to \(address)", code: errno)
        }
    }

    static func listen(_ number: Int32, on address: SocketAddress) throws(LoopError) {
        guard Glibc.listen(number, backlog) == 0 else {
            // Two sockets may be bound to one address, but not without SO_REUSEPORT listen on it.
            if errno == EADDRINUSE { throw .addressInUse(address) }
            throw .system(operation: "listen on \(address)", code: errno)
        }
    }

    /// Begins to connect: `.wouldBlock` when the socket becomes writable later.
    static func connect(_ number: Int32, to address: SocketAddress) -> Transfer {
        while true {
            let code = unsafe SystemAddress(address).withPointer { pointer, count in
                unsafe Glibc.connect(number, pointer, count)
            }
            guard code < 0 else { return .ended }
            switch errno {
            case EINTR: continue
            case EINPROGRESS: return .wouldBlock
            case let code: return .failed(code: code)
            }
        }
    }

    /// The next waiting connection, or `-errno`.
    static func accept(_ listener: Int32, peer: inout SystemAddress) -> Int32 {
        let number = unsafe peer.withMutablePointer { pointer, count in unsafe newsrpc_accept(listener, pointer, count)
        }
        return number < 0 ? -errno : number
    }

    static func localAddress(of number: Int32) -> SocketAddress? {
        var address = SystemAddress()
        let code = unsafe address.withMutablePointer { pointer, count in unsafe getsockname(number, pointer, count) }
        return code == 0 ? address.address : nil
    }

    /// The error that waits at the socket, 0 for none; asking takes it away.
    static func pendingError(of number: Int32) -> Int32 {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return unsafe getsockopt(number, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno
    }

    static func receive(_ number: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        while true {
            // `buffer` is writable for its whole count.
            let count = unsafe recv(number, buffer.baseAddress, buffer.count, 0)
            if count > 0 { return .moved(byteCount: count) }
            if count == 0 { return .ended }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            case let code: return .failed(code: code)
            }
        }
    }

    /// Never raises SIGPIPE.
    static func send(_ number: Int32, _ bytes: UnsafeRawBufferPointer) -> Transfer {
        while true {
            let count = unsafe Glibc.send(number, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return count == 0 ? .wouldBlock : .moved(byteCount: count) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            case let code: return .failed(code: code)
            }
        }
    }

    /// Tells the peer that no more will be sent.
    static func finishSending(_ number: Int32) { _ = shutdown(number, Int32(SHUT_WR)) }
}

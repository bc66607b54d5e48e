internal import CLinux
internal import Glibc

/// Owns a file descriptor and closes it once.
struct Descriptor: ~Copyable {
    let number: Int32

    /// - Parameter number: What a system call returned; below zero, `errno` tells why.
    init(_ number: Int32, operation: @autoclosure () -> String) throws(LoopError) {
        guard number >= 0 else { throw .system(operation: operation(), code: errno) }
        self.number = number
    }

    /// A descriptor of nothing: an eventfd is the smallest there is.
    static func placeholder() throws(LoopError) -> Descriptor {
        try Descriptor(newsrpc_eventfd(), operation: "eventfd")
    }

    /// Gives the descriptor up: the caller closes it.
    consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }

    // EINTR is no reason to repeat: on Linux the descriptor is gone in any case (close(2)).
    deinit { _ = close(number) }
}

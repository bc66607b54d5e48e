internal import CLinux

/// Why a loop, a listener or a connection could not be made.
package enum LoopError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Somebody listens there already.
    case addressInUse(SocketAddress)
    /// Something that is not a socket stands where the socket file belongs.
    case notASocket(path: String)
    /// The peer did not answer in time.
    case connectTimedOut(SocketAddress)
    /// A system call failed. `operation` names it and its object: "connect to 127.0.0.1:50051".
    case system(operation: String, code: Int32)

    package var description: String {
        switch self {
        case .addressInUse(let address): "\(address) is in use by another server"
        case .notASocket(let path): "\(path) exists and is not a socket"
        case .connectTimedOut(let address): "connect to \(address): no answer in time"
        case .system(let operation, let code): "\(operation): \(SystemError.text(of: code))"
        }
    }
}

/// What the C library says about an errno.
enum SystemError {
    static func text(of code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        // The C function writes at most `count` bytes, the last of them a NUL.
        unsafe buffer.withUnsafeMutableBufferPointer { buffer in
            unsafe newsrpc_error_text(code, buffer.baseAddress, buffer.count)
        }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

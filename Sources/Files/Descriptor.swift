#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// An open file, closed when the value ends.
struct Descriptor: ~Copyable {
    let number: Int32
    private let path: String

    init(_ path: String, _ flags: Int32, mode: mode_t = 0, for operation: FileError.Operation) throws(FileError) {
        guard !path.utf8.contains(0), !path.isEmpty else { throw FileError(operation, path, code: 0) }
        let number = retryingOnInterrupt { unsafe Int(open(path, flags | O_CLOEXEC, mode)) }
        guard number >= 0 else { throw .last(operation, path) }
        self.number = Int32(number)
        self.path = path
    }

    deinit { _ = close(number) }

    /// Writes all of `bytes`, also when the system takes them in parts.
    func write(_ bytes: Span<UInt8>) throws(FileError) { try writeAll(bytes, to: number, path) }

    /// Reads until `limit` bytes are there or the file ends.
    func read(upTo limit: Int) throws(FileError) -> [UInt8] { try readAll(from: number, path, upTo: limit) }

    /// The same from a place of the file, wherever `read(upTo:)` has come to. What has no places, a pipe, fails.
    func read(upTo limit: Int, at offset: Int) throws(FileError) -> [UInt8] {
        var isFailed = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            repeat {
                // What is left of the buffer; its address is there, as it is not empty.
                let rest = unsafe UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
                let more = retryingOnInterrupt { unsafe pread(number, rest.baseAddress, rest.count, offset + count) }
                isFailed = more < 0
                if more <= 0 { break }
                count += more
            } while count < limit
        }
        if isFailed { throw .last(.read, path) }
        return bytes
    }

    func sync() throws(FileError) {
        // A failed fsync may have dropped the pages, so it is never repeated: only an interruption is.
        guard retryingOnInterrupt({ Int(fsync(number)) }) == 0 else { throw .last(.sync, path) }
    }
}

/// Repeats a system call for as long as a signal interrupts it.
func retryingOnInterrupt(_ call: () -> Int) -> Int {
    while true {
        let result = call()
        if result < 0, errno == EINTR { continue }
        return result
    }
}

func writeAll(_ bytes: Span<UInt8>, to descriptor: Int32, _ path: String) throws(FileError) {
    var offset = 0
    while offset < bytes.count {
        // The span outlives the call, and `offset` stays within it.
        let written = unsafe bytes.withUnsafeBytes { raw in
            retryingOnInterrupt {
                unsafe write(descriptor, raw.baseAddress.map { unsafe $0 + offset }, raw.count - offset)
            }
        }
        guard written >= 0 else { throw .last(.write, path) }
        offset += written
    }
}

func readAll(from descriptor: Int32, _ path: String, upTo limit: Int) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < limit {
        let wanted = min(limit - bytes.count, 1 << 18)
        var count = 0
        let chunk = unsafe [UInt8](unsafeUninitializedCapacity: wanted) { buffer, initialized in
            count = retryingOnInterrupt { unsafe read(descriptor, buffer.baseAddress, wanted) }
            initialized = max(0, count)
        }
        guard count >= 0 else { throw .last(.read, path) }
        if count == 0 { break }
        bytes += chunk
    }
    return bytes
}

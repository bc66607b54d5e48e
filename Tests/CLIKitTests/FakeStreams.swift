import CLIKit
import Files
import Synchronization

/// Keeps what is written to it.
final class MemorySink: ByteSink {
    let isTerminal: Bool
    let columns: Int?
    private let capacity: Int
    private let bytes = Mutex<[UInt8]>([])

    /// - Parameter capacity: The reader goes away when it has so many bytes.
    init(isTerminal: Bool = false, columns: Int? = nil, capacity: Int = .max) {
        self.isTerminal = isTerminal
        self.columns = columns
        self.capacity = capacity
    }

    var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }

    func write(_ new: [UInt8]) throws(FileError) {
        let isFull = bytes.withLock { bytes in
            bytes += new
            return bytes.count > capacity
        }
        if isFull { throw FileError(.write, "standard output", code: 32) }  // EPIPE
    }
}

/// Gives bytes that are there already.
final class MemorySource: ByteSource {
    private let rest: Mutex<ArraySlice<UInt8>>

    init(_ bytes: [UInt8]) { rest = Mutex(bytes[...]) }

    func read(upTo count: Int) throws(FileError) -> [UInt8] {
        rest.withLock { rest in
            let piece = Array(rest.prefix(count))
            rest = rest.dropFirst(count)
            return piece
        }
    }
}

/// The same as a file: it can be read again.
final class MemoryFile: PlacedSource {
    private let bytes: [UInt8]
    private let source: MemorySource

    init(_ bytes: [UInt8]) { (self.bytes, source) = (bytes, MemorySource(bytes)) }

    func read(upTo count: Int) throws(FileError) -> [UInt8] { try source.read(upTo: count) }
    func read(upTo count: Int, at offset: Int) throws(FileError) -> [UInt8] {
        Array(bytes.dropFirst(offset).prefix(count))
    }
}

/// Files that are there already, and those that are made.
final class MemoryFiles: FileAccess {
    private let contents: Mutex<[String: [UInt8]]>

    init(contents: [String: [UInt8]] = [:]) { self.contents = Mutex(contents) }

    /// What a file holds as text; `nil` when there is none.
    func text(_ path: String) -> String? { contents.withLock { $0[path] }.map { String(decoding: $0, as: UTF8.self) } }

    func replace(_ path: String, _ bytes: [UInt8]) throws(FileError) { contents.withLock { $0[path] = bytes } }
    func open(_ path: String) throws(FileError) -> any ByteSource { MemoryFile(try bytes(of: path)) }
    func size(of path: String) throws(FileError) -> Int { try bytes(of: path).count }

    private func bytes(of path: String) throws(FileError) -> [UInt8] {
        guard let bytes = contents.withLock({ $0[path] }) else { throw FileError(.open, path, code: 2) }  // ENOENT
        return bytes
    }
}

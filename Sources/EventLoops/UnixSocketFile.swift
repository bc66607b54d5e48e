internal import Glibc

/// The file of a listening unix socket: made by `bind`, and left behind by a server that was killed.
struct UnixSocketFile {
    private let path: String
    private let device: UInt
    private let inode: UInt

    /// Makes room for a socket at `path`: removes the file of a dead server, refuses that of a live one.
    static func makeRoom(at path: String) throws(LoopError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw .system(operation: "stat \(path)", code: errno)
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }
        let address = SocketAddress.unix(path: path)
        let probe = try Socket.open(for: address)
        // Only a socket that nobody listens on refuses. Accepted, or not now because the backlog is full: it lives.
        guard case .failed(ECONNREFUSED) = Socket.connect(probe.number, to: address) else {
            throw .addressInUse(address)
        }
        guard unsafe unlink(path) == 0 || errno == ENOENT else {
            throw .system(operation: "remove \(path)", code: errno)
        }
    }

    /// Remembers the file that `bind` has just made; `nil` when it is gone already.
    init?(at path: String) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        self.path = path
        device = UInt(status.st_dev)
        inode = UInt(status.st_ino)
    }

    /// Removes the file, unless another server has put its own there meanwhile.
    func remove() {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, UInt(status.st_dev) == device, UInt(status.st_ino) == inode else {
            return
        }
        _ = unsafe unlink(path)
    }
}

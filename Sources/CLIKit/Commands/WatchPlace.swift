internal import Files

/// The file in which a watch keeps where it has got to.
struct WatchPlace {
    private let files: any FileAccess
    private let file: String?
    private var written = ""

    init(_ files: any FileAccess, file: String?) {
        self.files = files
        self.file = file
    }

    /// The position to go on from; empty when there is no file yet.
    func read() throws -> String {
        guard let file else { return "" }
        do throws(FileError) {
            let bytes = try files.open(file).read(upTo: 256)
            return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).first.map(String.init)
                ?? ""
        } catch {
            guard error.reason == .notFound else { throw error }
            return ""
        }
    }

    mutating func write(_ position: String) throws {
        guard let file, position != written else { return }
        try files.replace(file, Array((position + "\n").utf8))
        written = position
    }
}

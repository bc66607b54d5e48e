internal import Bytes
internal import NewsMessages

/// One thing to be imported, and where it was found.
enum ImportItem: Sendable {
    case request(ImportRequest)
    /// Refused before it was sent.
    case refused(ImportOrigin, reason: String)
}

/// An item that is sent.
struct ImportRequest: Sendable {
    let sequence: Int64
    /// An encoded `ImportArticlesRequest`.
    let message: [UInt8]
    let origin: ImportOrigin
    /// What the item takes in its file.
    let byteCount: Int

    init(_ sequence: Int64, _ item: ImportArticlesRequest.Item, _ origin: ImportOrigin, byteCount: Int) {
        var request = ImportArticlesRequest()
        request.sequence = sequence
        request.item = item
        self.sequence = sequence
        message = request.encoded()
        self.origin = origin
        self.byteCount = byteCount
    }

    /// - Parameter article: An article that is encoded already.
    init(_ sequence: Int64, article: [UInt8], _ origin: ImportOrigin, byteCount: Int) {
        self.sequence = sequence
        message = Self.encoded(sequence, article)
        self.origin = origin
        self.byteCount = byteCount
    }

    /// `ImportArticlesRequest`: sequence 1, article 3.
    private static func encoded(_ sequence: Int64, _ article: [UInt8]) -> [UInt8] {
        let arena = ByteArena(capacity: article.count + 32)
        WireWriter.append(1, sequence, to: arena)
        WireWriter.append(3, article.span, to: arena)
        return arena.withBytes(in: 0..<arena.count) { [UInt8](copying: $0) }
    }
}

/// Requests that are sent together.
struct ImportBatch: Sendable {
    private static let byteMax = 32 << 10

    private(set) var requests: [ImportRequest] = []
    /// What the items take in their files.
    private(set) var byteCount = 0

    var isFull: Bool { byteCount >= Self.byteMax }

    mutating func append(_ request: ImportRequest) {
        requests.append(request)
        byteCount += request.byteCount
    }
}

/// Where an item stands, for messages: `page.txt:24`.
struct ImportOrigin: Hashable, Sendable, CustomStringConvertible {
    var file: String
    /// From 1; 0: the file as a whole.
    var line: Int

    var description: String { line > 0 ? "\(file):\(line)" : file }
}

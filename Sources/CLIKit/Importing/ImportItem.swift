internal import NewsMessages

/// One thing to be imported, and where it was found.
enum ImportItem: Sendable {
    case request(ImportArticlesRequest, ImportOrigin, byteCount: Int)
    /// Refused before it was sent.
    case refused(ImportOrigin, reason: String)
}

/// Where an item stands, for messages: `page.txt:24`.
struct ImportOrigin: Hashable, Sendable, CustomStringConvertible {
    var file: String
    /// From 1; 0: the file as a whole.
    var line: Int

    var description: String { line > 0 ? "\(file):\(line)" : file }
}

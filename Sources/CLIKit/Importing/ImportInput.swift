internal import Files
internal import NewsMessages
internal import ProtoJSON

/// The items of the files of one import, in order.
struct ImportInput {
    /// Largest request, as servers take them unless they are told otherwise.
    private static let messageMax = 4 << 20
    /// Largest capture: what a message may hold less the rest of it.
    static let captureMax = messageMax - 4096

    private enum State {
        case betweenFiles
        case lines(LineReader, file: String)
        case dated(DatedLines, file: String)
        case elements(JSONElements, file: String)
    }

    private let surroundings: Surroundings
    private let kind: InputKind
    private let timeZone: String
    /// Whether lines are taken in the order of their times.
    private let isByDate: Bool
    private let shape: ArticleShape
    /// What stands before the fields of an article, so that they count where both say something.
    private let plainStart: [UInt8]
    private var files: ArraySlice<String>
    private var state = State.betweenFiles
    private var sequence: Int64 = 0
    /// Files that were read to their end.
    private(set) var filesDone = 0

    init(
        _ surroundings: Surroundings, files: [String], kind: InputKind, timeZone: String, isByDate: Bool
    ) throws {
        self.surroundings = surroundings
        self.files = files[...]
        self.kind = kind
        self.isByDate = isByDate
        self.timeZone = timeZone
        shape = try ArticleShape()
        var start = Article()
        start.timeZone = timeZone
        plainStart = start.encoded()
    }

    /// The next item, or `nil` at the end. A file that cannot be read is an item refused.
    mutating func next() -> ImportItem? {
        while true {
            switch state {
            case .lines(let reader, let file):
                if let item = nextLine(reader, file) { return item }
            case .dated(let lines, let file):
                if let item = nextLine(lines, file) { return item }
            case .elements(var elements, let file):
                if let element = elements.next() {
                    state = .elements(elements, file: file)
                    return item(of: element, in: elements.text, file)
                }
            case .betweenFiles:
                guard let file = files.popFirst() else { return nil }
                if let item = begin(file) { return item }
                continue
            }
            state = .betweenFiles
            filesDone += 1
        }
    }

    /// Opens a file. A capture is an item at once; JSON changes the state.
    private mutating func begin(_ file: String) -> ImportItem? {
        let label = file == "-" ? "standard input" : file
        do {
            let source = file == "-" ? surroundings.input : try surroundings.files.open(file)
            let head = try source.read(upTo: InputSniffing.byteCount)
            guard kind == .jsonl || kind == .auto && InputSniffing.looksLikeJSON(head) else {
                filesDone += 1
                return try capture(head, source, file)
            }
            switch InputSniffing.layout(head) {
            case .lines where isByDate:
                guard let placed = source as? any PlacedSource else {
                    throw LocalError(message: "--by-date reads a file twice, which \(label) cannot be")
                }
                state = .dated(try DatedLines(head, placed), file: label)
            case .lines: state = .lines(LineReader(head, source), file: label)
            case .document: try readDocument(head + rest(of: source), label)
            }
            return nil
        } catch {
            filesDone += 1
            let reason = (error as? LocalError)?.message ?? "\(error)"
            return .refused(ImportOrigin(file: label, line: 0), reason: reason)
        }
    }

    // MARK: Captures

    private mutating func capture(_ head: [UInt8], _ source: any ByteSource, _ file: String) throws -> ImportItem {
        let origin = ImportOrigin(file: file == "-" ? "standard input" : file, line: 0)
        let content = head + (try source.read(upTo: Self.captureMax + 1 - min(head.count, Self.captureMax)))
        guard content.count <= Self.captureMax else {
            return .refused(origin, reason: "larger than a message may be (\(Self.captureMax) bytes)")
        }
        guard !content.isEmpty else { return .refused(origin, reason: "empty") }
        var capture = Capture()
        capture.content = content
        capture.fileName = file == "-" ? "" : lastComponent(of: file)
        capture.timeZone = timeZone
        return request(.capture(capture), origin, byteCount: content.count)
    }

    /// What stands after the last slash, at most 255 characters of it.
    private func lastComponent(of path: String) -> String {
        String((path.split(separator: "/").last ?? "").unicodeScalars.suffix(255).map(Character.init))
    }

    // MARK: JSON

    private mutating func nextLine(_ reader: LineReader, _ file: String) -> ImportItem? {
        var reader = reader
        state = .betweenFiles  // The reader's buffer has one owner, so that it is not copied.
        do {
            while let line = try reader.next() {
                let origin = ImportOrigin(file: file, line: reader.lineNumber)
                var range: Range<Int>?
                if case .bytes(let found) = line { range = found }
                guard let item = item(ofFileLine: range, in: reader.buffer, origin) else { continue }
                state = .lines(reader, file: file)
                return item
            }
            return nil
        } catch {
            return .refused(ImportOrigin(file: file, line: reader.lineNumber + 1), reason: "\(error)")
        }
    }

    /// - Parameter range: `nil`: the line is longer than lines may be.
    /// - Returns: `nil` for a blank line.
    private mutating func item(
        ofFileLine range: Range<Int>?, in text: [UInt8], _ origin: ImportOrigin
    ) -> ImportItem? {
        guard let range else {
            return .refused(origin, reason: "the line is longer than \(LineReader.lineMax) bytes")
        }
        if text[range].allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) { return nil }
        return item(ofLine: range, in: text, origin)
    }

    private mutating func nextLine(_ lines: DatedLines, _ file: String) -> ImportItem? {
        var lines = lines
        state = .betweenFiles  // As above.
        do {
            while let line = try lines.next() {
                let origin = ImportOrigin(file: file, line: line.number)
                guard let item = item(ofFileLine: line.bytes?.indices, in: line.bytes ?? [], origin) else { continue }
                state = .dated(lines, file: file)
                return item
            }
            return nil
        } catch {
            return .refused(ImportOrigin(file: file, line: 0), reason: "\(error)")
        }
    }

    private mutating func item(ofLine range: Range<Int>, in text: [UInt8], _ origin: ImportOrigin) -> ImportItem {
        if let article = shape.plainBytes(ofArticle: text, in: range, after: plainStart) {
            sequence += 1
            return sendable(ImportRequest(sequence, article: article, origin, byteCount: range.count))
        }
        let bytes = Array(text[range])
        do {
            return try article(try JSONReader.read(bytes), origin, byteCount: bytes.count)
        } catch let error as JSONError {
            let position = TextPosition(of: error.offset, in: bytes)
            return .refused(origin, reason: "column \(position.column): \(error.summary)")
        } catch {
            return .refused(origin, reason: "\(error)")
        }
    }

    private mutating func readDocument(_ text: [UInt8], _ file: String) throws {
        do {
            state = .elements(JSONElements(try JSONReader.read(text), in: text), file: file)
        } catch {
            throw LocalError(message: error.description(in: text))
        }
    }

    private mutating func item(of element: JSONElements.Element, in text: [UInt8], _ file: String) -> ImportItem {
        let origin = ImportOrigin(file: file, line: element.line)
        do {
            return try article(element.node, origin, byteCount: element.byteCount)
        } catch let error as JSONError {
            let place = TextPosition(of: error.offset, in: text, from: element.lineStart, firstLine: element.line)
            let exact = ImportOrigin(file: file, line: place.line)
            return .refused(exact, reason: "column \(place.column): \(error.summary)")
        } catch {
            return .refused(origin, reason: "\(error)")
        }
    }

    private mutating func article(_ node: JSONNode, _ origin: ImportOrigin, byteCount: Int) throws -> ImportItem {
        var article = try shape.article(of: node)
        if article.timeZone.isEmpty { article.timeZone = timeZone }
        return request(.article(article), origin, byteCount: byteCount)
    }

    private mutating func request(
        _ item: ImportArticlesRequest.Item, _ origin: ImportOrigin, byteCount: Int
    ) -> ImportItem {
        sequence += 1
        return sendable(ImportRequest(sequence, item, origin, byteCount: byteCount))
    }

    private func sendable(_ request: ImportRequest) -> ImportItem {
        guard request.message.count > Self.messageMax else { return .request(request) }
        return .refused(request.origin, reason: "larger than a message may be (\(Self.messageMax) bytes)")
    }

    private func rest(of source: any ByteSource) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while case let piece = try source.read(upTo: 1 << 20), !piece.isEmpty { bytes += piece }
        return bytes
    }
}

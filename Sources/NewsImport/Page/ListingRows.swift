internal import NewsModel

/// A row of a listing: which lines are its parts.
struct ListingRow {
    var title: Int
    /// Where in that line the title lies.
    var titleRange: Range<Int>
    var excerpts: Range<Int>
    var last: Int
    var comments: Int64?
    var views: Int64?
    var published: CapturedTime?
}

/// Grammars of listings.
enum ListingRows {
    // MARK: DESTOON

    struct FusedLine {
        var comments: Int64
        var published: CapturedTime?
        var views: Int64?
    }

    /// `0评论2026-03-0562`: comments, a date of exactly ten characters, views. Where the calendar has no such day
    /// nothing behind the comments is taken.
    static func fusedLine(_ text: Scalars) -> FusedLine? {
        guard text.count <= 60, let (comments, end) = text.number(at: text.startIndex),
            let date = text.end(of: "评论", at: end), text.endIndex - date >= 10,
            isPaddedDate(text[date..<date + 10])
        else { return nil }
        guard text[(date + 10)...].allSatisfy({ $0.digit != nil || $0 == ":" || $0 == " " }) else { return nil }
        guard let (time, after) = PrintedTime.read(text, at: date) else { return FusedLine(comments: comments) }
        let views = text.number(at: after)
        guard after == text.endIndex || views?.end == text.endIndex else { return nil }
        return FusedLine(comments: comments, published: time, views: views?.value)
    }

    private static func isPaddedDate(_ text: Scalars) -> Bool {
        for (place, scalar) in text.enumerated() {
            if place == 4 || place == 7 {
                if scalar != "-" { return false }
            } else if scalar.digit == nil {
                return false
            }
        }
        return true
    }

    /// The rows that end with a fused line. Each is a title, maybe an excerpt, and the fused line.
    /// - Parameter isStub: Lines that can't belong to a row.
    static func fusedRows(_ lines: [PageLine], isStub: (PageLine) -> Bool) -> [ListingRow] {
        var rows: [ListingRow] = []
        var floor = 0
        for line in lines {
            if !line.isBlank, isStub(line) { floor = line.index + 1 }
            guard let fused = fusedLine(line.folded) else { continue }
            defer { floor = line.index + 1 }
            var end = line.index
            while end > floor, lines[end - 1].isBlank { end -= 1 }
            var start = end
            while start > floor, !lines[start - 1].isBlank { start -= 1 }
            // Only comments or the end of an article's text can touch the first row; a row has two lines of its own.
            if rows.isEmpty { start = max(start, end - 2) }
            guard start < end else { continue }
            rows.append(
                ListingRow(
                    title: start, titleRange: lines[start].shown.indices, excerpts: start + 1..<end, last: line.index,
                    comments: fused.comments, views: fused.views, published: fused.published))
        }
        return rows
    }

    // MARK: Dated lines

    /// `- September 23, 2016 - FDA approves ...`, `• 2024-03-13 关于…`, `关于… 2024-03-13`.
    static func datedRow(_ line: PageLine) -> ListingRow? {
        let text = line.folded
        guard text.count <= 300 else { return nil }
        func row(_ time: CapturedTime, _ title: Scalars) -> ListingRow? {
            let title = title.trimmed { $0.isBlank || "-–—|:".unicodeScalars.contains($0) }
            guard !title.isEmpty, Label.match(text, at: title.startIndex) == nil else { return nil }
            return ListingRow(
                title: line.index, titleRange: title.indices, excerpts: line.index..<line.index, last: line.index,
                published: time)
        }
        let content = text.drop { $0.isBlank || isListMark($0) }
        let date = content.drop { $0 == "[" || $0 == "(" }
        if let (time, end) = PrintedTime.read(date, at: date.startIndex) {
            guard end < date.endIndex, date[end].isBlank || "-–—|:])".unicodeScalars.contains(date[end]) else {
                return nil
            }
            return row(time, date[end...].drop { $0 == "]" || $0 == ")" })
        }
        let head = content.trimmed { $0.isBlank || $0 == "]" || $0 == ")" }
        guard let (time, range) = PrintedTime.find(in: head), range.upperBound == head.endIndex,
            range.lowerBound > head.startIndex, "[( |".unicodeScalars.contains(head[range.lowerBound - 1])
        else { return nil }
        return row(time, head[..<range.lowerBound].trimmed { $0.isBlank || $0 == "[" || $0 == "(" })
    }

    private static func isListMark(_ scalar: Unicode.Scalar) -> Bool { "-•·*●■".unicodeScalars.contains(scalar) }

    /// `September 2016`, `2016年9月`: the heading of a month.
    static func isMonthHeading(_ text: Scalars) -> Bool {
        if let (_, end) = PrintedTime.monthName(text, at: text.startIndex) {
            let year = text[end...].trimmed
            return year.count == 4 && year.allSatisfy { $0.digit != nil }
        }
        guard let (time, end) = PrintedTime.readCoarse(text, at: text.startIndex) else { return false }
        return end == text.endIndex && time.precision == .month
    }

    /// The rows of a page that is a list of dated lines and nothing else: at least two, with list marks or months above
    /// them or at least three, and no more other lines than rows.
    static func datedRows(_ lines: [PageLine]) -> [ListingRow]? {
        var rows: [ListingRow] = []
        var isMarked = false
        var otherCount = 0
        for line in lines where !line.isBlank {
            if isMonthHeading(line.folded) {
                isMarked = true
            } else if let row = datedRow(line) {
                if let first = line.folded.first, isListMark(first) { isMarked = true }
                rows.append(row)
            } else {
                otherCount += 1
            }
        }
        guard rows.count >= (isMarked ? 2 : 3), otherCount <= rows.count else { return nil }
        return rows
    }
}

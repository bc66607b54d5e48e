/// Rows in columns that line up on a terminal.
package struct Table: Sendable {
    package struct Column: Sendable {
        package var title: String
        package var isNumber: Bool
        /// How narrow the column may become when the table does not fit; `nil`: never narrower than its content.
        package var narrowest: Int?

        package init(title: String, isNumber: Bool = false, narrowest: Int? = nil) {
            self.title = title
            self.isNumber = isNumber
            self.narrowest = narrowest
        }
    }

    private static let gap = "  "

    package let columns: [Column]
    package let width: DisplayWidth
    /// Columns of the terminal; `nil`: nothing is cut.
    package let limit: Int?
    /// Stands where text was cut.
    package let mark: String

    package init(columns: [Column], width: DisplayWidth, limit: Int?, mark: String) {
        self.columns = columns
        self.width = width
        self.limit = limit
        self.mark = mark
    }

    /// The lines of the table, its head first. No line ends with spaces.
    package func lines(_ rows: [[String]]) -> [String] {
        let head = columns.map { $0.title.uppercased() }
        let widths = fitted(naturalWidths([head] + rows))
        return ([head] + rows).map { line($0, widths) }
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        let line = cells.indices.map { place in
            let cell = limit == nil ? cells[place] : width.cut(cells[place], to: widths[place], mark: mark)
            return width.padded(cell, to: widths[place], alignedRight: columns[place].isNumber)
        }.joined(separator: Self.gap).droppingTrailingSpaces
        return limit.map { width.cut(line, to: $0, mark: mark) } ?? line
    }

    private func naturalWidths(_ rows: [[String]]) -> [Int] {
        rows.reduce(into: columns.map { _ in 0 }) { widths, row in
            for place in row.indices { widths[place] = max(widths[place], width.columns(of: row[place])) }
        }
    }

    /// Takes what is too much from the widest column that may still give, one column of the terminal at a time.
    private func fitted(_ natural: [Int]) -> [Int] {
        guard let limit else { return natural }
        var widths = natural
        var excess = widths.reduce(0, +) + Self.gap.utf8.count * max(0, widths.count - 1) - limit
        while excess > 0 {
            let giving = widths.indices.filter { widths[$0] > columns[$0].narrowest ?? .max }
            guard let widest = giving.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }
}

/// The short text of an article that came without one.
package enum Excerpt {
    /// Half-width columns, as content systems cut theirs: 60 Chinese characters or 120 Latin ones.
    package static let columns = 120

    /// The beginning of a body: white space narrowed to single spaces, cut where the columns end.
    ///
    /// - Parameter isHTML: Leaves tags out.
    package static func of(_ body: String, isHTML: Bool = false) -> String {
        var excerpt: [UInt8] = []
        var used = 0
        var pendingSpace = false
        var isInTag = false
        for scalar in body.unicodeScalars {
            if isHTML, scalar == "<" || isInTag {
                isInTag = scalar != ">"
                pendingSpace = true
                continue
            }
            if scalar.isWhiteSpace {
                pendingSpace = true
                continue
            }
            let space = pendingSpace && used > 0 ? 1 : 0
            let width = scalar.isASCII ? 1 : 2
            guard used + space + width <= columns else { break }
            if space == 1 { excerpt.append(UInt8(ascii: " ")) }
            excerpt.append(scalar)
            used += space + width
            pendingSpace = false
        }
        return String(decoding: excerpt, as: UTF8.self)
    }
}

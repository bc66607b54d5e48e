/// Reads captures of news pages.
///
/// The rules are grammars of page families, not tables of sites: menus, breadcrumbs, labelled or fused facts, bylines,
/// listings. A page may be of none of them; then it is a title and paragraphs. No time is ever taken from the text of
/// an article, and what a page does not say stays unknown.
package enum CaptureReader {
    /// - Parameter content: The page's text in UTF-8, with or without a byte order mark; LF, CR LF or CR end a line.
    /// - Returns: The page. It holds no articles when it has neither text nor a listing.
    package static func read(_ content: Span<UInt8>) throws(CaptureError) -> CapturedPage {
        let text = try CaptureText(content)
        guard text.scalars.contains(where: { !$0.isBlank && $0 != "\n" && $0 != "\r" }) else {
            throw .empty
        }
        let survey = DamageSurvey(text)
        let lines = text.lines.enumerated().map { index, range in
            PageLine(index: index, range: range, repaired: LineRepair.repair(text.scalars[range], survey: survey))
        }
        return PageReader(text: text, lines: lines).read()
    }

    package static func read(_ content: [UInt8]) throws(CaptureError) -> CapturedPage { try read(content.span) }
}

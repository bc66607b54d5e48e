package import NewsModel

/// What one capture of a news page holds.
package struct CapturedPage: Hashable, Sendable {
    /// Heading of the page: the title of its main article, or of its listing. Empty when it prints none.
    package var title = ""
    /// Where the page says it stands, outermost section first.
    package var breadcrumb: [String] = []
    /// The main article first, if the page has one; then the rows of its listing, in their order on the page.
    package var articles: [CapturedArticle] = []
}

/// One article as its page printed it, repaired. What the page does not say is `nil` or empty, never 0 or guessed.
package struct CapturedArticle: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The article that the page is about.
        case page
        /// A row of a listing, with an excerpt at most.
        case listingRow
    }

    package var kind: Kind
    /// Where it begins in the capture, in lines from 1.
    package var line: Int
    package var title = ""
    /// The deck below the title.
    package var subtitle = ""
    /// Display name of the section.
    package var channel: String?
    package var published: CapturedTime?
    package var counts = CapturedCounts()
    package var editor = ""
    package var source = ""
    /// Writers whose role is not told.
    package var authors: [String] = []
    package var reporters: [String] = []
    package var correspondents: [String] = []
    /// Keywords and tags.
    package var labels: [String] = []
    package var paragraphs: [String] = []
    /// As shown: `excerptRaw` without white space at its ends.
    package var excerpt = ""
    package var excerptRaw = ""
    /// Captions of pictures, which are not part of the text.
    package var captions: [String] = []
    /// Further labelled facts, such as a serial number, in the order of the page.
    package var facts: [CapturedFact] = []
    /// From 1 for the rows of a listing; 0 for the main article.
    package var pageOrder = 0
    /// "zh-Hans", "zh-Hant", "en" or "".
    package var languageCode = ""
    package var issues: [CapturedIssue] = []
    /// Its part of the capture: the whole text for the main article, its own lines for a row.
    package var rawText = ""

    package init(kind: Kind, line: Int) {
        self.kind = kind
        self.line = line
    }
}

/// A publication time as printed: no zone, since pages name none.
package struct CapturedTime: Hashable, Sendable {
    /// With the parts that were not printed at their least.
    package var time: CivilDateTime
    /// `second` to `year`; never `unknown`.
    package var precision: Precision

    package init(time: CivilDateTime, precision: Precision) {
        self.time = time
        self.precision = precision
    }
}

/// Counts that the page printed; `nil` is unknown.
package struct CapturedCounts: Hashable, Sendable {
    package var views: Int64?
    package var likes: Int64?
    package var favorites: Int64?
    package var tips: Int64?
    package var comments: Int64?
    package var shares: Int64?

    package init() {}
}

/// A fact with the label that the page gave it, in simplified characters: ("文档序号", "17430822").
package struct CapturedFact: Hashable, Sendable {
    package var label: String
    package var value: String
}

/// Damage in the capture, and what was done about it.
package struct CapturedIssue: Hashable, Sendable {
    package enum Kind: Hashable, Sendable { case decoding, gloss, markup, straddledGloss, straddledPunctuation }

    package enum Confidence: Hashable, Sendable {
        /// Follows from the damaged text alone.
        case certain
        /// Worked out from how the damage came about.
        case derived
        /// Not repaired: left as it was.
        case none
    }

    package var kind: Kind
    /// Field of the article ("title", "body", "source"...); empty for text around the article.
    package var field = ""
    /// Where `raw` begins in the capture's text (without a byte order mark), in code points from 0.
    package var offset: Int
    package var raw: String
    /// Equal to `raw` when nothing was repaired.
    package var replacement: String
    package var confidence: Confidence
}

/// One thing that is wrong with a request or an article.
package struct FieldViolation: Hashable, Sendable {
    /// Which of the published reasons applies (news_service.proto, head).
    package enum Reason: String, Hashable, Sendable {
        case required = "FIELD_REQUIRED"
        case invalid = "FIELD_INVALID"
        case text = "TEXT_INVALID"
        case name = "NAME_INVALID"
        case order = "ORDER_INVALID"
        case time = "TIME_INVALID"
        case pageTokenInvalid = "PAGE_TOKEN_INVALID"
        case pageTokenMismatch = "PAGE_TOKEN_MISMATCH"
        case mask = "MASK_INVALID"
    }

    /// Path from the request's message on, such as "article.title".
    package let field: String
    package let reason: Reason
    /// A sentence without its end, for people.
    package let description: String

    package init(field: String, reason: Reason, description: String) {
        self.field = field
        self.reason = reason
        self.description = description
    }
}

/// Collects what is wrong, so that one answer names all of it.
///
/// Paths are made only to be told: an article has twenty, and is nearly always right.
package struct FieldCheck: Sendable {
    package private(set) var violations: [FieldViolation] = []
    /// Answers list no more, to fit into trailers.
    package static let violationMax = 20

    package init() {}

    package var isPassed: Bool { violations.isEmpty }

    package mutating func refuse(_ field: String, _ reason: FieldViolation.Reason = .invalid, _ description: String) {
        guard violations.count < FieldCheck.violationMax else { return }
        violations.append(FieldViolation(field: field, reason: reason, description: description))
    }

    /// - Parameter max: Most characters.
    package mutating func text(
        _ value: String, _ path: @autoclosure () -> String, max: Int, isRequired: Bool = false, isOneLine: Bool = true
    ) {
        if value.isEmpty {
            if isRequired { refuse(path(), .required, "\(path()) is required") }
            return
        }
        // A character has 1 to 4 bytes, so most texts need no counting.
        if value.utf8.count > max {
            let count = value.unicodeScalars.count
            if count > max {
                refuse(path(), .invalid, "\(path()) has \(count) characters; at most \(max) are allowed")
            }
        }
        if isOneLine, value.unicodeScalars.contains(where: \.isLineBreak) {
            refuse(path(), .invalid, "\(path()) must be one line")
        }
    }

    /// - Parameter countMax: Most items.
    package mutating func texts(_ values: [String], _ path: @autoclosure () -> String, countMax: Int, max: Int) {
        if values.count > countMax {
            refuse(path(), .invalid, "\(path()) has \(values.count) items; at most \(countMax) are allowed")
        }
        for (index, value) in values.prefix(countMax).enumerated() {
            text(value, "\(path())[\(index)]", max: max, isRequired: true)
        }
    }

    package mutating func count(_ value: Int64, _ path: @autoclosure () -> String) {
        if value < 0 { refuse(path(), .invalid, "\(path()) must not be negative") }
    }

    /// BCP 47 by its form: letters and digits in parts of 1 to 8, the first of letters.
    package mutating func languageCode(_ value: String, _ path: @autoclosure () -> String) {
        guard !value.isEmpty else { return }
        var isFormed = value.utf8.count <= ArticleLimits.languageCode
        var partCount = 1
        var size = 0
        for byte in value.utf8 {
            if byte == UInt8(ascii: "-"), size > 0 {
                partCount += 1
                size = 0
            } else {
                size += 1
                let isLetter = 0x61...0x7a ~= byte | 0x20
                if !isLetter, partCount == 1 || Decimal.digit(byte) == nil { isFormed = false }
                if size > 8 { isFormed = false }
            }
        }
        if !isFormed || size == 0 {
            refuse(path(), .invalid, "\(path()) must be a BCP 47 language tag, such as zh-Hans")
        }
    }

    /// An absolute address: a scheme (RFC 3986, section 3.1), a colon and more, without spaces.
    package mutating func uri(_ value: String, _ path: @autoclosure () -> String) {
        guard !value.isEmpty else { return }
        let field = path()
        text(value, field, max: ArticleLimits.canonicalURI)
        let scheme = value.utf8.prefix { $0 != UInt8(ascii: ":") }
        let isScheme = { (byte: UInt8) in
            0x61...0x7a ~= byte | 0x20 || Decimal.digit(byte) != nil || "+-.".utf8.contains(byte)
        }
        guard let first = scheme.first, 0x61...0x7a ~= first | 0x20, scheme.allSatisfy(isScheme),
            value.utf8.count > scheme.count + 1, !value.unicodeScalars.contains(where: \.properties.isWhitespace)
        else { return refuse(field, .invalid, "\(field) must be an absolute address, such as https://example.org/") }
    }

    /// An id that a client gives to its request so that it may be repeated.
    package mutating func requestID(_ value: String, _ field: String) {
        let isPrintable = value.utf8.allSatisfy { 0x21...0x7e ~= $0 }
        if value.utf8.count > ArticleLimits.requestID || !isPrintable {
            refuse(field, .invalid, "\(field) must have at most 36 printable ASCII characters")
        }
    }
}

extension Unicode.Scalar {
    /// Whether a new line begins after it (UAX #14, classes BK, CR, LF and NL).
    fileprivate var isLineBreak: Bool {
        switch value {
        case 0x0a...0x0d, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }
}

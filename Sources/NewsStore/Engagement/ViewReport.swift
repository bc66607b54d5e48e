package import NewsModel

/// Views of some articles, as one call brings them.
package struct ViewReport: Sendable {
    package struct Item: Hashable, Sendable {
        package let id: ArticleID
        /// Where the article was found.
        package let period: Period
        /// Above 0.
        package let count: Int64

        package init(id: ArticleID, period: Period, count: Int64) {
            self.id = id
            self.period = period
            self.count = count
        }
    }

    /// What tells a repeated call.
    package struct Request: Hashable, Sendable {
        package let id: String
        /// Tells one content from another.
        package let fingerprint: [UInt8]

        package init(id: String, fingerprint: [UInt8]) {
            self.id = id
            self.fingerprint = fingerprint
        }
    }

    /// Each article once.
    package let items: [Item]
    package let request: Request?
    /// How the call is answered, and each repetition of it.
    package let answer: [UInt8]

    package init(items: [Item], request: Request?, answer: [UInt8]) {
        self.items = items
        self.request = request
        self.answer = answer
    }

    /// In one report.
    package static let itemCountMax = 1000
}

/// What came of a report.
package enum ViewOutcome: Hashable, Sendable {
    /// The views are counted, now or by an earlier call of the same id.
    case recorded(answer: [UInt8])
    /// The request's id was used for other content.
    case conflict
    /// Nothing is counted.
    case failed(StoreError)
}

/// The last requests that brought views. In memory alone: with their views on the disk they would cost what the views
/// are not worth.
struct ViewRequests {
    private var known: [String: (fingerprint: [UInt8], answer: [UInt8])] = [:]
    /// Ids in the order in which they came; those before `head` are forgotten.
    private var order: [String] = []
    private var head = 0
    private var byteCount = 0

    static let countMax = 16_384
    private static let byteCountMax = 4 << 20

    /// - Returns: `nil` when it is not known.
    func outcome(of request: ViewReport.Request) -> ViewOutcome? {
        guard let earlier = known[request.id] else { return nil }
        return earlier.fingerprint == request.fingerprint ? .recorded(answer: earlier.answer) : .conflict
    }

    mutating func insert(_ request: ViewReport.Request, answer: [UInt8]) {
        known[request.id] = (request.fingerprint, answer)
        order.append(request.id)
        byteCount += request.id.utf8.count + request.fingerprint.count + answer.count
        while known.count > ViewRequests.countMax || byteCount > ViewRequests.byteCountMax { forgetOldest() }
        if head > 1024, 2 * head > order.count {
            order.removeFirst(head)
            head = 0
        }
    }

    private mutating func forgetOldest() {
        let id = order[head]
        head += 1
        guard let old = known.removeValue(forKey: id) else { return }
        byteCount -= id.utf8.count + old.fingerprint.count + old.answer.count
    }
}

package import NewsModel
internal import Synchronization

/// The zones that requests have named, read once each.
package final class ZoneTable: Sendable {
    /// The zone that the store was made with.
    package let storeZone: ZoneRules
    private let load: @Sendable (String) -> ZoneRules?
    private let known = Mutex<[String: ZoneRules]>([:])
    /// There are some 600 names; made-up ones are not kept.
    private static let knownMax = 1000

    /// - Parameter load: Reads a zone by its IANA name; `nil` when there is none. May block, shortly.
    package init(storeZone: ZoneRules, load: @escaping @Sendable (String) -> ZoneRules?) {
        self.storeZone = storeZone
        self.load = load
    }

    /// The rules of a zone; the empty name is the store's.
    package subscript(name: String) -> ZoneRules? {
        if name.isEmpty || name == storeZone.name { return storeZone }
        if let rules = known.withLock({ $0[name] }) { return rules }
        guard name.utf8.count <= ArticleLimits.zoneName, let rules = load(name) else { return nil }
        known.withLock { known in
            if known.count < ZoneTable.knownMax { known[name] = rules }
        }
        return rules
    }
}

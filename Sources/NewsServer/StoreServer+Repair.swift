internal import Files
internal import NewsModel
internal import NewsService
package import NewsStore
internal import Threads

extension StoreServer {
    /// Repairs the store in a directory that no process serves.
    ///
    /// - Parameter say: hears of everything that is lost or taken out.
    package static func repair(
        _ directory: String, say: @escaping (CheckFinding) -> Void
    ) throws(StoreError) -> RepairSummary {
        let zones = ZoneTable(storeZone: .utc, load: zone)
        let time = RFC3339.text(Instant(microseconds: WallClock.now / 1_000_000 * 1_000_000))
        let name = String(time.filter { $0.isLetter || $0.isNumber })
        return try Store.repair(directory, time: name, makeRow: { DerivedRow(full: $0, zones: zones) }, say: say)
    }
}

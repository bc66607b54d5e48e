import Foundation
import LMDB
import NewsStore
import Synchronization

/// Called before and after each commit, of the catalog too.
final class CommitHook: Sendable {
    private let state = Mutex((count: 0, isOn: false))
    private let body: @Sendable (Int) -> LMDBError?

    init(_ body: @escaping @Sendable (Int) -> LMDBError?) { self.body = body }

    func begin() { state.withLock { $0 = (0, true) } }
    func end() { state.withLock { $0.isOn = false } }
    var count: Int { state.withLock { $0.count } }

    func next() -> LMDBError? {
        let number: Int? = state.withLock { state in
            guard state.isOn else { return nil }
            defer { state.count += 1 }
            return state.count
        }
        return number.flatMap(body)
    }

    func apply(to options: inout StoreOptions) {
        options.commitFault = { [self] moment, _ in moment == .recovery ? nil : next() }
        options.catalogFault = { [self] _ in next() }
    }

    /// Copies what a crash would leave at this moment. LMDB's lock files are not part of it.
    static func clone(_ path: String, to copy: String) {
        let files = FileManager.default
        for case let name as String in files.enumerator(atPath: path) ?? .init() {
            guard ["STORE", "data.mdb"].contains(name.split(separator: "/").last ?? "") else { continue }
            let target = copy + "/" + name
            try? files.createDirectory(
                atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try? files.copyItem(atPath: path + "/" + name, toPath: target)
        }
        try? files.createDirectory(atPath: copy + "/shards", withIntermediateDirectories: true)
    }
}

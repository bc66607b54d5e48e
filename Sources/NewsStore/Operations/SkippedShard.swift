package import NewsModel

/// A shard that an operation left as it was, although it should not have.
package struct SkippedShard: Hashable, Sendable {
    package let period: Period
    package let reason: StoreError
}

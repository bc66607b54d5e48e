/// Numbers of things for people: "1 shard", "2 shards".
package enum CountText {
    /// - Parameter many: the plural, when it is not the singular with an s.
    package static func text(_ count: some BinaryInteger, _ one: String, many: String? = nil) -> String {
        count == 1 ? "1 \(one)" : "\(count) \(many ?? one + "s")"
    }
}

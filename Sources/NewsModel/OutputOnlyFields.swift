/// Fields of Article that only the server sets, or that the name stands for. They are no error in a mask and have no
/// effect, so that an article that was read can be sent back (AIP-203).
package enum OutputOnlyFields {
    package static let article: Set<String> = [
        "name", "state", "revision", "etag", "create_time", "update_time", "delete_time", "purge_time", "text_issues",
        "body_length", "body_sha256", "channel_display_name", "capture",
    ]
}

package import Access
internal import Files
internal import Synchronization

/// Notices that the token file has changed.
package final class TokenFileWatch: Sendable {
    package enum Outcome: Sendable {
        case unchanged
        case changed(AccessTable)
        /// It cannot be read; what was read before holds. Said once for each state of the file.
        case failed(TokenFileError)
    }

    package let file: TokenFile
    /// What the file said when the watch began.
    package let first: AccessTable
    private let seen: Mutex<FileStamp?>

    /// Reads the file: without it there is nothing to begin with.
    package init(_ file: TokenFile) throws(TokenFileError) {
        self.file = file
        seen = Mutex(try? FileStamp(of: file.path))
        first = AccessTable(try file.read())
    }

    /// - Parameter isForced: reads the file whether or not it looks changed.
    package func check(isForced: Bool = false) -> Outcome {
        // Taken before the file is read: a change in between is noticed by the next check.
        let stamp = try? FileStamp(of: file.path)
        let isNew = seen.withLock { seen in
            defer { seen = stamp }
            return seen != stamp
        }
        guard isNew || isForced else { return .unchanged }
        do throws(TokenFileError) { return .changed(AccessTable(try file.read())) } catch { return .failed(error) }
    }
}

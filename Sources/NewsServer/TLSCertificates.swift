package import Files
internal import Synchronization
package import TLS

/// The files that a server's TLS is made of.
package struct TLSServerFiles: Hashable, Sendable {
    package var certificate: String
    package var key: String
    /// Authorities that sign clients.
    package var clientAuthorities: String?
    package var clientCertificates = TLSServerSettings.ClientCertificates.off

    package init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }

    fileprivate var paths: [String] { [certificate, key] + (clientAuthorities.map { [$0] } ?? []) }
}

/// Why there is no TLS context of the files.
package enum TLSFilesError: Error, Hashable, Sendable, CustomStringConvertible {
    case file(FileError)
    case content(TLSError)

    package var description: String {
        switch self {
        case .file(let error): error.description
        case .content(let error): error.description
        }
    }
}

/// What new connections get their TLS of: the last files that were in order.
///
/// Connections keep the context that they began with, so replacing a certificate ends none of them.
package final class TLSCertificates: Sendable {
    /// What became of a look at the files.
    package enum Refresh: Hashable, Sendable {
        case unchanged
        case replaced
        /// The new files cannot be used: those before them stay.
        case refused(TLSFilesError)
    }

    private struct State {
        var context: TLSContext
        /// Of the files that were looked at last, in order or not; `nil` for one that could not be looked at.
        var stamps: [FileStamp?]
    }

    private let files: TLSServerFiles
    private let state: Mutex<State>

    package init(_ files: TLSServerFiles) throws(TLSFilesError) {
        self.files = files
        let stamps = Self.stamps(of: files)
        state = Mutex(State(context: try Self.load(files), stamps: stamps))
    }

    var certificatePath: String { files.certificate }

    /// What a connection that begins now gets.
    package var current: TLSContext { state.withLock { $0.context } }

    /// Looks at the files, and reads them if one has changed since the last look.
    /// - Parameter always: reads them in any case.
    package func refresh(always: Bool) -> Refresh {
        // Before the content: what changes in between is seen by the next look.
        let stamps = Self.stamps(of: files)
        let hasChanged = state.withLock { state in
            defer { state.stamps = stamps }
            return state.stamps != stamps
        }
        guard hasChanged || always else { return .unchanged }
        do throws(TLSFilesError) {
            let context = try Self.load(files)
            state.withLock { $0.context = context }
            return .replaced
        } catch {
            return .refused(error)
        }
    }

    private static func stamps(of files: TLSServerFiles) -> [FileStamp?] {
        files.paths.map { try? FileStamp(of: $0) }
    }

    private static func load(_ files: TLSServerFiles) throws(TLSFilesError) -> TLSContext {
        var settings = TLSServerSettings(certificate: try read(files.certificate), key: try read(files.key))
        settings.clientCertificates = files.clientCertificates
        if let path = files.clientAuthorities { settings.clientAuthorities = try read(path) }
        do throws(TLSError) { return try TLSContext(server: settings) } catch { throw .content(error) }
    }

    private static func read(_ path: String) throws(TLSFilesError) -> TLSFile {
        // A bundle of a distribution has 200 kB.
        do throws(FileError) {
            return TLSFile(name: path, bytes: try FileSystem.read(path, limit: 16 << 20))
        } catch {
            throw .file(error)
        }
    }
}

import EventLoops
import Files
import NewsStore

/// A store that a command opens for its own use. No process serves it.
enum OfflineStore {
    /// Opens the store, which must be there, and closes it when `body` is done.
    ///
    /// - Parameter remedy: what helps when another process has it; `nil`: the error's own words.
    static func with<Output>(
        _ directory: String, _ change: (inout StoreOptions) -> Void = { _ in }, whenHeld remedy: String? = nil,
        _ body: (Store) throws(StoreError) -> Output
    ) throws -> Output {
        var options = StoreOptions()
        options.makesStore = false
        options.walkCommand = ProcessEnvironment.program.map { [$0, CheckShardCommand.name] }
        options.walkProcessCount = Processors.availableCount
        change(&options)
        ProcessEnvironment.raiseDescriptorLimit()
        do throws(StoreError) {
            let store = try Store.open(directory, options)
            defer { store.close() }
            return try body(store)
        } catch {
            if let remedy, case .held(let path) = error {
                throw Failed(message: "\(path) is in use by another process; \(remedy)")
            }
            throw Failed(message: "\(error)")
        }
    }

    static func say(_ line: String) { try? StandardStream.output.write(line + "\n") }
}

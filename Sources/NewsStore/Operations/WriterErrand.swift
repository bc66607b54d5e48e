internal import Threads

/// Something that an operation has done on the writer's thread, between two rounds. Writes wait meanwhile.
typealias WriterErrand = @Sendable (StoreWriter) -> Void

extension Store {
    /// Runs `body` on the writer's thread, and waits for it. While it runs nothing else writes.
    func onWriter<Output: Sendable>(
        _ body: @escaping @Sendable (StoreWriter) throws(StoreError) -> Output
    ) throws(StoreError) -> Output {
        let outcome = Monitor<Result<Output, StoreError>?>(nil)
        let isAccepted = queue.submit { writer in
            let result = Result { () throws(StoreError) in try body(writer) }
            outcome.signal { $0 = result }
        }
        guard isAccepted else { throw .closed }
        return try outcome.wait { $0 }.get()
    }
}

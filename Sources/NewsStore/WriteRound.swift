internal import NewsModel

/// What a round of the store's own, or one with moves, has done so far.
struct WriteRound {
    var committed: [CommittedShard] = []
    var completions: [@Sendable () -> Void] = []
}

/// The jobs of one transaction.
struct WriteGroup {
    let jobs: [WriteJob]
    /// Jobs, from the first on, that belong to the transaction.
    var taken = 0
    var successes: [Int: @Sendable () -> Void] = [:]
    var failures: [Int: StoreError] = [:]

    init(jobs: [WriteJob]) { self.jobs = jobs }

    /// Applies the jobs that have not failed, until the transaction is large enough or the time is over.
    ///
    /// - Returns: `false` when a job failed after it had changed something: the transaction is to be undone, and the
    ///   others are applied again without it.
    mutating func apply(to writer: ShardWriter, _ time: WorkTime) -> Bool {
        successes = [:]
        for (index, job) in jobs.enumerated() {
            let isFull = writer.pageCount > StoreWriter.transactionPageCountMax
            if index > 0, isFull || time.isOver {
                taken = index
                return true
            }
            guard failures[index] == nil else { continue }
            writer.beginCommand()
            do throws(StoreError) {
                successes[index] = try job.apply(writer)
            } catch {
                failures[index] = error
                if case .full = error {  // Those behind it would not fit either.
                    for later in (index + 1)..<max(index + 1, jobs.count) where failures[later] == nil {
                        failures[later] = error
                    }
                }
                if writer.hasWritten { return false }
            }
        }
        taken = jobs.count
        return true
    }

    /// The same, and says what is at fault.
    mutating func note(_ error: StoreError, of period: Period, _ onFault: (@Sendable (StoreFault) -> Void)?) {
        if let fault = StoreFault(error, period) { onFault?(fault) }
        fail(error)
    }

    /// All that belong to the transaction have failed, or did before.
    private mutating func fail(_ error: StoreError) {
        if taken == 0 { taken = jobs.count }
        for index in 0..<taken where failures[index] == nil { failures[index] = error }
        successes = [:]
    }

    var completions: [@Sendable () -> Void] {
        (0..<taken).compactMap { index in
            if let error = failures[index] {
                let fail = jobs[index].fail
                return { fail(error) }
            }
            return successes[index]
        }
    }
}

package import EventLoops
package import ServerLog

extension TLSCertificates {
    /// Looks at the files again every `interval`, on `loop` and for as long as it runs. One line of the log tells of
    /// what was replaced or refused.
    package func watch(every interval: Duration, on loop: EventLoop, log: EventLog) {
        loop.schedule(after: interval) { [weak loop] in
            self.refresh(always: false, log: log)
            if let loop { self.watch(every: interval, on: loop, log: log) }
        }
    }

    /// Looks at the files now; reads them in any case when `always`.
    package func refresh(always: Bool, log: EventLog) {
        switch refresh(always: always) {
        case .unchanged: break
        case .replaced: log.note(.info, "certificate replaced", ["certificate": certificatePath])
        case .refused(let error): log.note(.error, "certificate not replaced", ["reason": "\(error)"])
        }
    }
}

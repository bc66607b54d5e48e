import EventLoops
import NewsServer

/// Looks after files that may change while the server runs: now and then, and at once on SIGHUP.
///
/// On the loop of the signals, so that no serving loop waits for a disk.
final class Reloading {
    private let server: StoreServer
    private let interval: Duration
    private unowned let loop: EventLoop

    private init(_ server: StoreServer, _ interval: Duration, _ loop: EventLoop) {
        self.server = server
        self.interval = interval
        self.loop = loop
    }

    /// Begins, on a loop that lives as long as the server.
    static func start(_ server: StoreServer, every interval: Duration, on thread: LoopThread) throws {
        let result = thread.call { loop -> Result<Void, any Error> in
            Result {
                let reloading = Reloading(server, interval, loop)
                try loop.onSignals([.hangUp]) { _ in reloading.look(isForced: true) }
                reloading.schedule()
            }
        }
        try result?.get()
    }

    private func schedule() {
        loop.schedule(after: interval) { [self] in
            look(isForced: false)
            schedule()
        }
    }

    private func look(isForced: Bool) { server.checkTokens(isForced: isForced) }
}

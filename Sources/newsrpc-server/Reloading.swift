import EventLoops
import NewsServer

/// Looks now and then whether the token file has changed, on the loop of the signals: no serving loop waits for a disk.
enum Reloading {
    /// Begins, on a loop that lives as long as the server.
    static func start(_ server: StoreServer, every interval: Duration, on thread: LoopThread) {
        thread.post { loop in schedule(server, interval, loop) }
    }

    private static func schedule(_ server: StoreServer, _ interval: Duration, _ loop: EventLoop) {
        loop.schedule(after: interval) { [unowned loop] in
            server.checkTokens()
            schedule(server, interval, loop)
        }
    }
}

internal import Threads

/// A loop on a thread of its own.
package final class LoopThread: Sendable {
    package let mailbox: LoopMailbox
    private let loop: LoopBound<EventLoop>
    private let thread: Thread

    /// - Parameter name: Of the thread, at most 15 bytes.
    package init(
        name: String, configuration: EventLoop.Configuration = EventLoop.Configuration()
    ) throws(LoopError) {
        let made = Monitor<Result<LoopBound<EventLoop>, LoopError>?>(nil)
        let thread = Thread.start(name: name, urgency: .prompt) {
            do throws(LoopError) {
                let loop = try EventLoop(configuration: configuration)
                let bound = LoopBound(loop, loop: loop)
                made.signal { result in result = .success(bound) }
                loop.run()
            } catch {
                made.signal { result in result = .failure(error) }
            }
        }
        loop = try made.wait { result in result }.get()
        mailbox = loop.mailbox
        self.thread = thread
    }

    /// Runs `body` on the loop, after what was posted before. `false` once the loop has stopped.
    @discardableResult package func post(_ body: @escaping @Sendable (EventLoop) -> Void) -> Bool {
        mailbox.post { [loop] in body(loop.value) }
    }

    /// Runs `body` on the loop and waits for what it returns; `nil` once the loop has stopped. Not to be called on a
    /// loop.
    package func call<Value: Sendable>(_ body: @escaping @Sendable (EventLoop) -> Value) -> Value? {
        let answer = Monitor<Value?>(nil)
        let isAccepted = post { loop in
            let value = body(loop)
            answer.signal { answer in answer = value }
        }
        return isAccepted ? answer.wait { answer in answer } : nil
    }

    /// Stops the loop, which closes what it holds, and waits for its thread to end. To be called once, by another
    /// thread.
    package func stop() {
        post { loop in loop.stop() }
        thread.join()
    }
}

internal import CLinux
internal import Glibc

/// The signals that tell a server to do something.
package enum Signal: CaseIterable, Hashable, Sendable {
    case terminate, interrupt, hangUp

    package var number: Int32 {
        switch self {
        case .terminate: SIGTERM
        case .interrupt: SIGINT
        case .hangUp: SIGHUP
        }
    }

    /// Keeps the signals from ending the process. To be called in `main` before any thread starts, as threads inherit
    /// it; a thread that does not block a signal may be the one it is delivered to.
    package static func block(_ signals: [Signal]) { _ = setMask(SIG_BLOCK, signals) }

    static func set(of signals: [Signal]) -> sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in signals { unsafe sigaddset(&set, signal.number) }
        return set
    }

    private static func setMask(_ how: Int32, _ signals: [Signal]) -> Int32 {
        var set = set(of: signals)
        return unsafe pthread_sigmask(how, &set, nil)
    }
}

/// Receives signals as events of a loop (signalfd(2)), until it is let go.
final class SignalSource {
    private let descriptor: Descriptor
    private let handler: (Signal) -> Void

    init(_ signals: [Signal], _ handler: @escaping (Signal) -> Void) throws(LoopError) {
        Signal.block(signals)
        var set = Signal.set(of: signals)
        descriptor = try unsafe Descriptor(newsrpc_signalfd(&set), operation: "signalfd")
        self.handler = handler
    }

    var number: Int32 { descriptor.number }

    func deliver() {
        while true {
            let number = newsrpc_next_signal(descriptor.number)
            guard number > 0 else { return }
            if let signal = Signal.allCases.first(where: { $0.number == number }) { handler(signal) }
        }
    }
}

internal import EventLoops
internal import GRPCCall
internal import GRPCWire

/// What happens to calls under way.
extension ClientChannel {
    // MARK: What tasks ask for

    func send(_ identifier: UInt64, _ bytes: [UInt8]) {
        guard let call = calls[identifier], !call.isFinished else { return }
        call.give(bytes)
        if let attempt = call.attempt { attempt.connection?.send(attempt, bytes) }
    }

    func finish(_ identifier: UInt64) {
        guard let call = calls[identifier], !call.isFinished else { return }
        call.isFinished = true
        if let attempt = call.attempt { attempt.connection?.finish(attempt) }
    }

    func consumed(_ identifier: UInt64, _ byteCount: Int) {
        guard let attempt = calls[identifier]?.attempt else { return }
        attempt.connection?.consumed(attempt, byteCount)
    }

    func cancel(_ identifier: UInt64) {
        guard let call = calls[identifier] else { return }
        guard let attempt = call.attempt else { return finishWaiting(call, .cancelled) }
        if let ending = attempt.machine.cancel() { attempt.connection?.end(attempt, ending) }
    }

    func deadlinePassed(_ identifier: UInt64) {
        guard let call = calls[identifier] else { return }
        guard let attempt = call.attempt else {
            return finishWaiting(
                call, .deadlinePassed(waitingFor: awaited(by: call), wasSent: call.lastFailure != nil))
        }
        if let ending = attempt.machine.deadlinePassed() { attempt.connection?.end(attempt, ending) }
    }

    private func finishWaiting(_ call: ActiveCall, _ ending: ClientCallEnding) {
        finish(call, ending)
        waiting.noteEnded()
    }

    // MARK: What connections tell

    /// A try is over, by whatever cause: the call ends with it, or is tried again.
    func ended(_ attempt: CallAttempt, _ ending: ClientCallEnding) {
        let call = attempt.call
        guard call.attempt === attempt else { return }
        if ending.status.isOK { throttle.noteSuccess() }
        guard !call.outgoing.isCommitted else { return finish(call, ending) }
        retry(call, ending, hasLeft: attempt.hasLeft)
    }

    /// There is no connection for a call that does not wait for one. Its first try fails at once; a further one is a
    /// try like any other, so that a server that is started again in the meantime is found.
    func unplaceable(_ call: ActiveCall, _ reason: String) {
        guard call.lastFailure != nil else {
            return finish(call, .connectionLost(reason, isUnprocessed: true))
        }
        retry(call, .connectionLost(reason, isUnprocessed: false), hasLeft: true)
    }

    /// Tries the call again if it may be, and ends it otherwise.
    private func retry(_ call: ActiveCall, _ ending: ClientCallEnding, hasLeft: Bool) {
        let decision = call.retry.failed(
            ending, hasLeft: hasLeft, throttle: &throttle, chance: configuration.random())
        // A try that would come after the deadline tells the caller nothing but that; this one's error does.
        guard case .again(let pause) = decision, call.timeLeft(now: loop.now).map({ pause < $0 }) ?? true else {
            return finish(call, ending)
        }
        log("\(call.request.method) is tried again in \(pause) after \(ending.status)")
        call.attempt = nil
        call.outgoing.interrupt()
        call.lastFailure = ending.status.description
        guard pause > .zero else { return waiting.append(call) }
        call.retryTimer = loop.schedule(after: pause) { [weak self] in
            guard let self, !call.isOver else { return }
            waiting.append(call)
            pump()
        }
    }

    /// The call is over.
    func finish(_ call: ActiveCall, _ ending: ClientCallEnding) {
        if let timer = call.deadlineTimer { loop.cancel(timer) }
        if let timer = call.retryTimer { loop.cancel(timer) }
        calls[call.exchange.identifier] = nil
        _ = call.end(ending.status.isOK ? nil : RPCError(ending), trailers: ending.metadata)
        callEnded()
    }
}

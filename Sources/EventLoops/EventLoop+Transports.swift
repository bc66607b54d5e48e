internal import Bytes
internal import Glibc
internal import Threads

/// Bytes in and out.
extension EventLoop {
    /// Serves the events of a connection: one read, then what there is to send.
    func serve(_ transport: Transport, _ readiness: Readiness) {
        let isBroken = !readiness.isDisjoint(with: .broken)
        switch transport.state {
        case .closed: return
        case .new: return isBroken ? end(transport, .reset) : ()
        case .lingering: return discard(transport, isBroken: isBroken)
        case .open, .finishing: break
        }
        if transport.watched?.contains(.input) == true, readiness != .output {
            receive(transport, isBroken: isBroken)
        } else if isBroken {
            end(transport, reason(for: Socket.pendingError(of: transport.number)))
        }
        pump(transport)
    }

    private func receive(_ transport: Transport, isBroken: Bool) {
        switch input.receive(from: transport.number) {
        case .moved(let byteCount):
            transport.lastActivity = now
            transport.lastReceive = now
            guard let handler = transport.handler else { return }
            current = transport
            let goesOn = input.withBytes(byteCount) { bytes in handler.received(bytes) }
            current = nil
            if !goesOn, transport.state == .open { transport.state = .finishing }
        case .ended where isBroken: end(transport, .peer)
        case .ended:
            transport.isPeerFinished = true
            current = transport
            let hasAnswers = transport.handler?.peerFinished() ?? false
            current = nil
            if !hasAnswers, transport.state == .open { transport.state = .finishing }
        case .wouldBlock where isBroken: end(transport, reason(for: Socket.pendingError(of: transport.number)))
        case .wouldBlock: break
        case .failed(let code): end(transport, reason(for: code))
        }
    }

    /// Sends what waits, then what the handler produces, and watches for what comes next.
    func pump(_ transport: Transport) {
        guard transport.state == .open || transport.state == .finishing, let handler = transport.handler else { return }
        var fillCount = 0
        while sendUnsent(transport) {
            if transport.isProductionFinished { return finish(transport) }
            output.removeAll(keeping: 2 * configuration.fillByteCountMax)
            let production = handler.produce(into: output, limit: configuration.fillByteCountMax)
            guard transport.isOpen else { return }  // The handler may have closed it.
            if production == .failed { return end(transport, .failed) }
            guard output.count == 0 || sendOutput(transport) else { return }
            switch production {
            case .more where transport.unsent == nil:
                fillCount += 1
                if fillCount < configuration.fillCountMax { continue }
                queue(transport)  // The others first.
            case .drained where transport.state == .open: halfClose(transport)
            case .drained, .finished:
                transport.state = .finishing
                transport.isProductionFinished = true
                if transport.unsent == nil { return finish(transport) }
            case .more, .failed: break
            }
            break
        }
        if transport.isOpen { watch(transport) }
    }

    /// Sends the output buffer, and keeps what the socket does not take. `false`: the connection is over.
    private func sendOutput(_ transport: Transport) -> Bool {
        let count = output.count
        let transfer = unsafe output.withUnsafeBytes(in: 0..<count) { bytes in
            unsafe Socket.send(transport.number, bytes)
        }
        var sentCount = 0
        switch transfer {
        case .moved(let byteCount):
            sentCount = byteCount
            transport.lastActivity = now
        case .wouldBlock, .ended: break
        case .failed(let code):
            end(transport, reason(for: code))
            return false
        }
        guard sentCount < count else { return true }
        let buffer = takeBuffer(for: count - sentCount)
        output.withBytes(in: sentCount..<count) { rest in buffer.append(rest) }
        transport.unsent = buffer
        transport.unsentOffset = 0
        heldByteCount += buffer.count
        transport.lastSend = now
        refreshTimer(of: transport)
        return true
    }

    /// Sends bytes that had to wait. `true`: none are left.
    private func sendUnsent(_ transport: Transport) -> Bool {
        while let buffer = transport.unsent {
            let range = transport.unsentOffset..<buffer.count
            let transfer = unsafe buffer.withUnsafeBytes(in: range) { bytes in
                unsafe Socket.send(transport.number, bytes)
            }
            switch transfer {
            case .moved(let byteCount):
                transport.lastActivity = now
                transport.lastSend = now
                transport.unsentOffset += byteCount
                if transport.unsentOffset == buffer.count { release(bufferOf: transport) }
            case .wouldBlock, .ended: return false
            case .failed(let code):
                end(transport, reason(for: code))
                return false
            }
        }
        return true
    }

    /// A large buffer is not for a few bytes: it would be held by a peer that does not read them.
    private func takeBuffer(for byteCount: Int) -> ByteArena {
        guard 4 * byteCount >= configuration.fillByteCountMax, let spare = spareBuffers.popLast() else {
            return ByteArena(capacity: byteCount)
        }
        return spare
    }

    /// Gives the buffer to the next connection that needs one, if few are kept.
    private func release(bufferOf transport: Transport) {
        guard let buffer = transport.unsent else { return }
        heldByteCount -= buffer.count
        transport.unsent = nil
        transport.unsentOffset = 0
        guard spareBuffers.count < 8, 4 * buffer.count >= configuration.fillByteCountMax else { return }
        buffer.removeAll(keeping: 2 * configuration.fillByteCountMax)
        spareBuffers.append(buffer)
    }

    private func watch(_ transport: Transport) {
        let isReading =
            transport.state == .open && !transport.isPeerFinished
            && (transport.unsent == nil || transport.readsWhileSending)
        let wanted: Readiness = isReading ? .input : []
        watch(transport, for: transport.unsent == nil ? wanted : wanted.union(.output))
    }

    func watch(_ transport: Transport, for wanted: Readiness) {
        guard transport.watched != wanted else { return }
        if transport.watched != nil {
            epoll.modify(transport.number, tag: transport.tag, for: wanted)
        } else {
            do {
                try epoll.add(transport.number, tag: transport.tag, for: wanted)
            } catch {
                return end(transport, .error(error.description))
            }
        }
        transport.watched = wanted
    }

    func queue(_ transport: Transport) {
        guard !transport.isQueued, transport !== current else { return }
        guard transport.state == .open || transport.state == .finishing else { return }
        transport.isQueued = true
        ready.append(transport)
    }

    // MARK: Beginning and end

    /// Makes a transport of a connected descriptor, which it closes.
    func adopt(_ number: Int32, peer: SocketAddress?, tag: UInt64?) -> Transport {
        let tag = tag ?? insert(.free)
        let transport = Transport(number: number, tag: tag, peer: peer, loop: self)
        slots[Int(tag & 0xFFFF_FFFF)].source = .transport(transport)
        transportCount += 1
        return transport
    }

    func start(_ transport: Transport, _ handler: any TransportHandler) {
        guard transport.state != .closed else {
            // It ended between being made and being started, and the handler hears of it like any other.
            transport.handler = handler
            ended.append((transport, .local))
            return
        }
        precondition(transport.state == .new, "a connection is given its handler once")
        transport.state = .open
        transport.handler = handler
        watch(transport)
        refreshTimer(of: transport)
        queue(transport)
    }

    /// Tells the peer that no more will come, once that was asked for and all is sent.
    private func halfClose(_ transport: Transport) {
        guard transport.wantsHalfClose, transport.unsent == nil else { return }
        transport.wantsHalfClose = false
        Socket.finishSending(transport.number)
    }

    /// Everything was sent and nothing more will be.
    private func finish(_ transport: Transport) {
        if transport.isPeerFinished { return end(transport, .peer) }
        Socket.finishSending(transport.number)
        transport.state = .lingering
        ended.append((transport, .local))
        transport.lingerDeadline = now.saturatingAdd(configuration.lingerTimeout.nanoseconds)
        watch(transport, for: .input)
        refreshTimer(of: transport)
    }

    private func discard(_ transport: Transport, isBroken: Bool) {
        if isBroken { return end(transport, .local) }
        switch input.receive(from: transport.number) {
        case .moved, .wouldBlock: break
        case .ended, .failed: end(transport, .local)
        }
    }

    /// Closes the socket. The handler hears of it when the turn ends, and not inside of whatever it is doing now.
    func end(_ transport: Transport, _ reason: CloseReason) {
        guard transport.state != .closed else { return }
        let isHandlerWaiting = transport.handler != nil && transport.state != .lingering
        transport.state = .closed
        if let timer = transport.timer { timers.cancel(timer) }
        transport.timer = nil
        release(bufferOf: transport)
        remove(transport.tag)
        _ = close(transport.number)  // epoll forgets it too: there is no second descriptor of this socket.
        transportCount -= 1
        if isHandlerWaiting { ended.append((transport, reason)) }
    }

    private func reason(for code: Int32) -> CloseReason {
        switch code {
        case 0: .peer
        case ECONNRESET, EPIPE: .reset
        default: .error(SystemError.text(of: code))
        }
    }

    // MARK: Time limits

    /// Sets the timer of a transport if one of its limits ends before it. Bytes that move only make it ring too
    /// early, and then it is set again; so they cost nothing.
    func refreshTimer(of transport: Transport) {
        guard transport.state != .closed else { return }
        let deadline = transport.nextDeadline
        guard deadline < transport.timerDeadline else { return }
        if let timer = transport.timer { timers.cancel(timer) }
        transport.timer = timers.schedule(at: deadline, .transport(transport))
        transport.timerDeadline = deadline
    }

    func checkLimits(of transport: Transport) {
        transport.timer = nil
        transport.timerDeadline = .max
        if transport.state == .lingering {
            if let deadline = transport.lingerDeadline, deadline <= now { return end(transport, .local) }
        } else if let reason = transport.expiredLimit(now: now) {
            return end(transport, reason)
        } else if transport.alarm <= now {
            transport.alarm = .max
            transport.handler?.alarmRang()
        }
        refreshTimer(of: transport)
    }
}

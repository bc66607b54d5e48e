import EventLoops
import GRPCCall
import HTTP2
import NewsServer
import NewsService
import Synchronization

/// A connection of the real server, from the socket to the services, on one loop that runs on the thread of the fuzzer,
/// with a clock that is set by hand: the same bytes lead to the same turns.
///
/// Beside the client whose bytes are made up another one makes a call when that one is done, and gets the same reply
/// each time.
package enum SessionFuzzing {
    /// - Returns: what the client was answered.
    @discardableResult package static func play(_ bytes: [UInt8]) -> [UInt8] {
        do {
            let run = try SessionRun(SessionScript(bytes))
            run.play()
            precondition(run.services.isIdle, "a call was not told that it is over")
            return run.answer
        } catch {
            preconditionFailure("no server for the fuzzer: \(error)")
        }
    }

    /// Limits that few bytes can reach.
    static var settings: ServerSettings {
        var settings = ServerSettings()
        settings.call.messageMax = 1 << 14
        settings.call.keepsMetadata = true
        settings.call.compressedReplyMin = 64
        settings.call.replyMessageMax = 1 << 16
        settings.bufferedRequestBytesMax = 1 << 16
        settings.unsentReplyBytesMax = 1 << 14
        settings.session.concurrentStreamsMax = 8
        settings.care.ageMax = .seconds(86_400)
        settings.care.ageFactor = { 1 }
        return settings
    }
}

/// A clock that stands until it is set.
private final class FuzzClock: Sendable {
    private let time = Atomic<Int64>(1_000_000_000)

    var now: Int64 { time.load(ordering: .relaxed) }
    func pass(milliseconds: Int64) { time.add(milliseconds * 1_000_000, ordering: .relaxed) }
}

/// One run: a server, two clients, and what happens at the end of each turn of the loop.
private final class SessionRun {
    let services: FuzzServices
    var answer: [UInt8] { player.received }
    private let clock = FuzzClock()
    private let loop: EventLoop
    private let server: LoopServer
    private let player = Speaker()
    private let witness = Speaker()
    private var steps: ArraySlice<SessionScript.Step>
    private var stage = Stage.connecting
    private var quietTurnCount = 0
    private var turnCount = 0
    private var isDraining = false

    private enum Stage { case connecting, playing, asking, over }

    /// So many turns without a byte: nothing more happens by itself.
    private static let quietTurns = 2
    /// Enough for any script and its answers; more is a connection that never comes to rest.
    private static let turnCountMax = 10_000
    private static let count = Atomic(0)
    private static let firstReply = Mutex<[UInt8]?>(nil)

    init(_ script: SessionScript) throws {
        steps = script.steps[...]
        let core = FuzzStore.shared
        var configuration = EventLoop.Configuration()
        configuration.clock = { [clock] in clock.now }
        loop = try EventLoop(configuration: configuration)
        services = try FuzzServices(core)
        let name = "s\(Self.count.add(1, ordering: .relaxed).newValue)"
        var serving = CallServer.Configuration(
            addresses: [.unix(path: FuzzStore.entry(name))], routing: RoutingTable(Route.table))
        serving.settings = SessionFuzzing.settings
        server = try LoopServer(serving, on: loop, services)
    }

    func play() {
        for speaker in [witness, player] {
            loop.connect(to: server.addresses[0], timeout: .seconds(1)) { result in
                guard case .success(let transport) = result else { preconditionFailure("no connection: \(result)") }
                speaker.transport = transport
                transport.start(speaker)
            }
        }
        loop.onTurnEnd { [unowned self] in turnEnded() }
        loop.mailbox.post {}
        loop.run()
        player.check()
        precondition(player.isClosed && witness.isClosed, "a connection outlives its loop")
    }

    private func turnEnded() {
        turnCount += 1
        precondition(turnCount < Self.turnCountMax, "the server does not come to rest")
        let hasMoved = player.takeHasMoved() || witness.takeHasMoved() || services.hasAnswers
        quietTurnCount = hasMoved ? 0 : quietTurnCount + 1
        advance()
        // So that the loop never waits for a time that does not pass by itself.
        if stage != .over { loop.mailbox.post {} }
    }

    private func advance() {
        let isQuiet = quietTurnCount >= Self.quietTurns
        switch stage {
        case .connecting:
            if isQuiet, player.transport != nil, witness.transport != nil { stage = .playing }
        case .playing:
            if case .send(let bytes) = steps.first {
                steps.removeFirst()
                player.say(bytes)
            } else if isQuiet {
                quietTurnCount = 0
                takeStep()
            }
        case .asking:
            guard isQuiet else { return }
            if !isDraining { checkWitness() }
            stage = .over
            loop.stop()
        case .over: break
        }
    }

    private func takeStep() {
        switch steps.popFirst() {
        case .pass(let milliseconds): clock.pass(milliseconds: milliseconds)
        case .drain:
            if !isDraining { server.drain {} }
            isDraining = true
        case .halfClose: player.transport?.finishSending()
        case .send(let bytes): player.say(bytes)
        case nil:
            player.transport?.close(.local)
            witness.say(WitnessCall.bytes)
            stage = .asking
        }
    }

    private func checkWitness() {
        // Time that passed may have closed its connection.
        guard !witness.isClosed else { return }
        Self.firstReply.withLock { first in
            precondition(
                !witness.received.isEmpty && witness.received == first ?? witness.received,
                "another client is not answered as ever")
            first = witness.received
        }
    }
}

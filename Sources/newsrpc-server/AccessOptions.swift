internal import NewsModel

import Access
import ArgumentParser
import EventLoops
import Files
import NewsServer
import TLS

/// Options of `serve` that say who may call, how much, and where the server may listen.
struct AccessOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Who may call, see 'newsrpc-server token'. Without it anybody.", valueName: "file"))
    var tokens: String?

    @Flag(help: "Ask for a token also for health and reflection, which are open otherwise.")
    var noAnonymous = false

    @Option(help: ArgumentHelp("Seconds between looks at the file of --tokens.", valueName: "seconds"))
    var reloadInterval: Double = 5

    @Flag(help: "Listen beyond this machine without TLS and tokens: anybody may read and write.")
    var insecureListen = false

    @OptionGroup var limits: LimitOptions

    @Option(
        help: ArgumentHelp(
            "Connections that one address (IPv6: one /64) may have.", valueName: "n"))
    var limitConnectionsPerAddress: Int?

    func validate() throws {
        guard reloadInterval >= 0.1, reloadInterval <= 86_400 else {
            throw ValidationError("--reload-interval \(reloadInterval): must be 0.1 to 86400")
        }
        if let limit = limitConnectionsPerAddress, limit < 1 {
            throw ValidationError("--limit-connections-per-address \(limit): must be 1 or more")
        }
        if noAnonymous, tokens == nil { throw ValidationError("--no-anonymous needs --tokens") }
    }

    /// What the options ask for.
    var settings: AccessSettings {
        var settings = AccessSettings()
        settings.tokenFile = tokens.map { TokenFile($0) }
        settings.limits = limits.limits
        settings.connectionsPerAddressMax = limitConnectionsPerAddress
        settings.closesOpenMethods = noAnonymous
        return settings
    }

    /// Refuses an address that everybody could reach.
    func checkListen(
        _ addresses: [SocketAddress], _ tls: TLSOptions, option: String = "--listen"
    ) throws {
        var policy = ListenPolicy()
        policy.hasTLS = tls.files != nil
        policy.knowsCallers = tokens != nil || tls.files?.clientCertificates == .require
        policy.isWaived = insecureListen
        for address in addresses {
            if let objection = policy.objection(to: address) { throw ValidationError("\(option) \(objection)") }
        }
    }
}

/// What one caller may use: of `serve` for all callers, of `token create` for one.
struct LimitOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Calls that one caller may begin in a second.", valueName: "n"))
    var limitCallsPerSecond: Int?

    @Option(
        help: ArgumentHelp("Calls that it may begin at once after a pause; those of a second.", valueName: "n"))
    var limitCallBurst: Int?

    @Option(help: ArgumentHelp("Calls of one caller that may run at once.", valueName: "n"))
    var limitCallsInFlight: Int?

    @Option(
        help: ArgumentHelp(
            "Memory for one caller's requests and unread replies: 512KiB, 64MiB, 1GiB.", valueName: "bytes"))
    var limitBytesInFlight: ByteCount?

    func validate() throws {
        let numbers = [
            ("--limit-calls-per-second", limitCallsPerSecond), ("--limit-call-burst", limitCallBurst),
            ("--limit-calls-in-flight", limitCallsInFlight),
        ]
        for (name, number) in numbers {
            if let number, number < 1 { throw ValidationError("\(name) \(number): must be 1 or more") }
        }
        if limitCallBurst != nil, limitCallsPerSecond == nil {
            throw ValidationError("--limit-call-burst needs --limit-calls-per-second")
        }
    }

    var limits: CallerLimits {
        var limits = CallerLimits()
        limits.callsPerSecond = limitCallsPerSecond
        limits.callBurst = limitCallBurst
        limits.callsInFlight = limitCallsInFlight
        limits.bytesInFlight = limitBytesInFlight?.value
        return limits
    }
}

extension ByteCount: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
    public var defaultValueDescription: String { description }
}

import ArgumentParser
import NewsServer
import TLS

/// The options of TLS.
struct TLSOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "PEM file of the server's certificate, then those between it and its authority. Turns TLS on for all "
                + "addresses but unix sockets.", valueName: "file"))
    var tlsCert: String?

    @Option(help: ArgumentHelp("PEM file of the certificate's private key, not encrypted.", valueName: "file"))
    var tlsKey: String?

    @Option(help: ArgumentHelp("PEM file of the authorities that sign clients.", valueName: "file"))
    var tlsClientCA: String?

    @Option(
        help: ArgumentHelp(
            "Certificates of clients: off, request or require. Without this option: require with --tls-client-ca, "
                + "else off.", valueName: "mode"))
    var tlsClientAuth: TLSServerSettings.ClientCertificates?

    func validate() throws {
        if (tlsCert == nil) != (tlsKey == nil) { throw ValidationError("--tls-cert and --tls-key go together") }
        if tlsCert == nil, tlsClientCA != nil || tlsClientAuth != nil {
            throw ValidationError("--tls-client-ca and --tls-client-auth need --tls-cert and --tls-key")
        }
        if tlsClientCA == nil, let tlsClientAuth, tlsClientAuth != .off {
            throw ValidationError("--tls-client-auth \(tlsClientAuth.rawValue) needs --tls-client-ca")
        }
    }

    /// `nil`: no TLS.
    var files: TLSServerFiles? {
        guard let tlsCert, let tlsKey else { return nil }
        var files = TLSServerFiles(certificate: tlsCert, key: tlsKey)
        files.clientAuthorities = tlsClientCA
        files.clientCertificates = tlsClientAuth ?? (tlsClientCA == nil ? .off : .require)
        return files
    }
}

extension TLSServerSettings.ClientCertificates: ExpressibleByArgument {}

package import NewsModel

/// Somebody who may call, as one line of the token file says.
package struct AccessEntry: Sendable {
    /// How the caller shows who it is.
    package enum Credential: Sendable {
        case token(TokenHash)
        /// A name in the client's certificate: a URI such as "spiffe://news/importer", or a DNS name.
        case certificate(String)
    }

    package var name: String
    package var credential: Credential
    package var scopes: ScopeSet
    package var created: Instant
    /// From this moment on it is worth nothing. `nil`: it stays.
    package var expires: Instant?
    /// What it may use, in place of what the server allows everybody.
    package var limits = CallerLimits()

    package init(
        name: String, credential: Credential, scopes: ScopeSet, created: Instant, expires: Instant? = nil
    ) {
        self.name = name
        self.credential = credential
        self.scopes = scopes
        self.created = created
        self.expires = expires
    }

    /// Names are for logs and commands: 1 to 63 characters, of letters, digits, "-", "_" and ".".
    package static func isName(_ text: String) -> Bool {
        (1...63).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}

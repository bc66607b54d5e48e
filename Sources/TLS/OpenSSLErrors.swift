internal import COpenSSL

/// OpenSSL keeps the errors of a thread in a queue, whatever session they came from: it is emptied before each call
/// whose answer depends on it, and read to its end after one that failed.
enum OpenSSLErrors {
    struct Entry {
        /// The alert that the peer sent, if that is what the error says.
        let alert: UInt8?
        let reason: String
    }

    static func clear() { ERR_clear_error() }

    /// Takes all errors of this thread, the oldest first.
    static func take() -> [Entry] {
        var entries: [Entry] = []
        while true {
            let code = ERR_get_error()
            guard code != 0 else { return entries }
            let reason = ERR_GET_REASON(code)
            // ssl.h: SSL_AD_REASON_OFFSET; 256 reasons above it are the peer's alerts.
            let isAlert = ERR_GET_LIB(code) == ERR_LIB_SSL && (1000..<1256).contains(reason)
            entries.append(Entry(alert: isAlert ? UInt8(reason - 1000) : nil, reason: text(of: code)))
        }
    }

    /// Takes all errors of this thread, and says what the first was: later ones are its consequences.
    static func takeText() -> String { take().first?.reason ?? "no reason given" }

    private static func text(of code: UInt) -> String {
        // A literal inside the library, or nil for a code that it does not know.
        guard let text = unsafe ERR_reason_error_string(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}

/// An HTTP/2 error code (RFC 9113 section 7). Open: peers may send others.
package struct ErrorCode: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let noError = ErrorCode(rawValue: 0)
    package static let protocolError = ErrorCode(rawValue: 1)
    package static let internalError = ErrorCode(rawValue: 2)
    package static let flowControlError = ErrorCode(rawValue: 3)
    package static let settingsTimeout = ErrorCode(rawValue: 4)
    package static let streamClosed = ErrorCode(rawValue: 5)
    package static let frameSizeError = ErrorCode(rawValue: 6)
    package static let refusedStream = ErrorCode(rawValue: 7)
    package static let cancel = ErrorCode(rawValue: 8)
    package static let compressionError = ErrorCode(rawValue: 9)
    package static let connectError = ErrorCode(rawValue: 10)
    package static let enhanceYourCalm = ErrorCode(rawValue: 11)
    package static let inadequateSecurity = ErrorCode(rawValue: 12)
    package static let http11Required = ErrorCode(rawValue: 13)
}

/// Why a session cannot go on. Its connection is to be closed; the session takes no further call.
package enum SessionFailure: Error, Equatable, Sendable {
    /// The first bytes are not the client connection preface (RFC 9113 section 3.4).
    case badPreface
    /// The peer sent more than it let us answer (too many acknowledgements are waiting).
    case flooded
    /// Too many CONTINUATION frames in one header block.
    case tooManyContinuations
    /// This side has ended it by `abort`.
    case aborted(ErrorCode)
    /// Memory ran out inside the library.
    case outOfMemory
    /// Anything else, by nghttp2's number and name.
    case other(code: Int, name: String)
}

/// What `receive` found.
package enum ReceiveOutcome: Equatable, Sendable {
    /// All bytes were taken. A protocol error of the peer also ends here: GOAWAY is then among what is to be sent, and
    /// the session finishes once that has left.
    case taken
    case failed(SessionFailure)
}

/// How much of what is to be sent has been produced.
package enum ProduceOutcome: Equatable, Sendable {
    /// Everything that may be sent now.
    case drained
    /// The limit was reached.
    case more
    /// Everything, and nothing will follow: close the connection once it has left.
    case finished
    case failed(SessionFailure)
}

internal import Bytes

extension String {
    /// The text of lent bytes; what is not UTF-8 is shown by replacement characters.
    package init(repairing bytes: Span<UInt8>) { self.init(decoding: [UInt8](copying: bytes), as: UTF8.self) }
}

/// What a server says about trying a failed call again (gRFC A6, "Pushback").
package enum RetryPushback: Hashable, Sendable {
    /// After so many milliseconds, whatever the client's own pause would be.
    case after(milliseconds: Int64)
    /// Not at all.
    case stop

    /// Reads a `grpc-retry-pushback-ms` value. What is negative, no number, or more than 32 bits says "stop".
    package init(parsing value: Span<UInt8>) {
        // Ten digits hold every number of 31 bits.
        guard (1...10).contains(value.count) else {
            self = .stop
            return
        }
        var amount: Int64 = 0
        for index in value.indices {
            let byte = value[index]
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else {
                self = .stop
                return
            }
            amount = amount * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        self = amount <= Int64(Int32.max) ? .after(milliseconds: amount) : .stop
    }
}

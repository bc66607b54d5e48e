import Bytes
import GRPCCall
import GRPCWire
import Gzip

/// What stands between HTTP/2 and protobuf.
enum WireFuzzing {
    private static let routing = RoutingTable([
        MethodDescriptor(
            path: "/t/Say", kind: .unary, idempotency: .unknown, service: "t", name: "Say", index: 0),
        MethodDescriptor(
            path: "/t/Chat", kind: .bidirectional, idempotency: .unknown, service: "t", name: "Chat", index: 1),
    ])

    /// The first byte says where the stream is cut and whether messages may be compressed.
    static func frames(_ bytes: [UInt8]) {
        guard let choice = bytes.first else { return }
        let stream = Array(bytes.dropFirst())
        let cut = Int(choice >> 1) % max(stream.count, 1)
        let whole = read([stream], takesCompressed: choice & 1 == 1)
        let pieces = read([Array(stream[..<cut]), Array(stream[cut...])], takesCompressed: choice & 1 == 1)
        precondition(whole == pieces, "a cut changes what a stream of messages is")
    }

    private struct Reading: Equatable {
        var messages: [[UInt8]] = []
        var flags: [Bool] = []
        var error: FrameError?
    }

    private static func read(_ pieces: [[UInt8]], takesCompressed: Bool) -> Reading {
        var deframer = MessageDeframer(limit: 1 << 12)
        deframer.takesCompressed = takesCompressed
        var reading = Reading()
        do throws(FrameError) {
            for piece in pieces {
                try deframer.receive(piece.span) { message, isCompressed in
                    reading.messages.append([UInt8](copying: message))
                    reading.flags.append(isCompressed)
                }
            }
            try deframer.finish()
        } catch {
            reading.error = error
        }
        return reading
    }

    static func headers(_ bytes: [UInt8]) {
        let fields = bytes.split(separator: UInt8(ascii: "\n")).map { line in
            // A colon at the front belongs to the name.
            let colon = line.dropFirst().firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
            return (name: Array(line[..<colon]), value: Array(line[colon...].dropFirst()))
        }
        var verdicts: [RequestHead.Verdict] = []
        for keepsMetadata in [true, false] {
            var limits = CallLimits()
            limits.keepsMetadata = keepsMetadata
            limits.compressedReplyMin = 0
            var call = ServerCall()
            call.begin()
            for (name, value) in fields {
                call.field(name: name.span, value: value.span, routing: Self.routing, limits: limits)
            }
            verdicts.append(call.fieldsEnded(routing: Self.routing, limits: limits))
        }
        precondition(verdicts[0] == verdicts[1], "keeping metadata changes the verdict")
        var call = ClientCall(kind: .unary, limits: ClientCallLimits())
        for (name, value) in fields { call.field(name: name.span, value: value.span) }
        _ = call.fieldsEnded(isTrailer: false, endOfStream: false)
        for (name, value) in fields { call.field(name: name.span, value: value.span) }
        _ = call.fieldsEnded(isTrailer: true, endOfStream: true)
    }

    static func text(_ bytes: [UInt8]) {
        let value = bytes.span
        if let nanoseconds = try? GRPCTimeout.parse(value) {
            let again = Array(GRPCTimeout.format(.nanoseconds(nanoseconds)).utf8)
            let longer = (try? GRPCTimeout.parse(again.span)) ?? nil
            precondition(longer.map { $0 >= nanoseconds } ?? true, "a timeout becomes shorter on its way")
        }
        let text = PercentEncoding.decode(value)
        let encoded = PercentEncoding.encode(text)
        precondition(encoded.allSatisfy { (0x20...0x7E).contains($0) }, "a message is sent as no header can hold it")
        precondition(PercentEncoding.decode(encoded.span) == text, "a message changes on its way")
        let values = try? BinaryHeader.decode(value)
        let isGood = (try? BinaryHeader.check(value)) != nil
        precondition(isGood == (values != nil), "a check and a reader of binary metadata disagree")
        for value in values ?? [] {
            let again = Array(BinaryHeader.encode(value).utf8)
            precondition((try? BinaryHeader.decode(again.span)) == [value], "binary metadata changes on its way")
        }
        _ = StatusCode(parsing: value)
        _ = ContentType(value)
        _ = AcceptedEncodings(parsing: value).best
    }

    private static let limit = 1 << 16

    /// The first byte says whether the rest is compressed, or to be, and how.
    static func gzip(_ bytes: [UInt8]) {
        guard let choice = bytes.first else { return }
        let format: CompressionFormat = choice & 1 == 0 ? .gzip : .zlib
        let rest = Array(bytes.dropFirst())
        let arena = ByteArena()
        guard choice & 2 == 0 else {
            Deflater(format).deflate(rest.span, into: arena)
            let small = arena.withBytes(in: 0..<arena.count) { [UInt8](copying: $0) }
            arena.removeAll()
            let result: Void? = try? Inflater().inflate(small.span, format, limit: rest.count, into: arena)
            let again = arena.withBytes(in: 0..<arena.count) { [UInt8](copying: $0) }
            precondition(result != nil && again == rest, "compression loses bytes")
            return
        }
        let inflater = Inflater()
        var results: [Int?] = []
        for _ in 0..<2 {
            arena.removeAll()
            let result: Void? = try? inflater.inflate(rest.span, format, limit: limit, into: arena)
            precondition(arena.count <= limit, "more was decompressed than is allowed")
            results.append(result.map { arena.count })
        }
        precondition(results[0] == results[1], "one message changes how the next is read")
    }
}

import GRPCWire
import Testing

/// What came out of a deframer that got `pieces`.
private func messages(_ pieces: [[UInt8]], limit: Int = 1 << 20) throws(FrameError) -> [[UInt8]] {
    var deframer = MessageDeframer(limit: limit)
    var messages: [[UInt8]] = []
    for piece in pieces {
        try deframer.receive(piece.span) { message, _ in messages.append(message.indices.map { message[$0] }) }
    }
    try deframer.finish()
    return messages
}

private func prefix(_ flag: UInt8, _ length: UInt32) -> [UInt8] {
    [flag] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> UInt32($0)) }
}

@Suite("Length-prefixed messages") struct MessageDeframerTests {
    /// "abc", an empty message, "de".
    private static let three: [UInt8] = [
        0, 0, 0, 0, 3, 0x61, 0x62, 0x63,  // flag, length, payload
        0, 0, 0, 0, 0,  // an empty payload
        0, 0, 0, 0, 2, 0x64, 0x65,
    ]
    private static let payloads: [[UInt8]] = [[0x61, 0x62, 0x63], [], [0x64, 0x65]]

    @Test("B1: come out whole at every pair of cuts", arguments: 0...20)
    func everyCut(first: Int) throws {
        let bytes = Self.three
        for second in first...bytes.count {
            let pieces = [bytes[..<first], bytes[first..<second], bytes[second...]].map(Array.init)
            #expect(try messages(pieces) == Self.payloads)
        }
    }

    @Test("B1: come out whole byte by byte")
    func byteByByte() throws {
        #expect(try messages(Self.three.map { [$0] }) == Self.payloads)
    }

    @Test("B1: many in one piece keep their order")
    func manyInOnePiece() throws {
        let wanted = (0..<500).map { [UInt8](repeating: UInt8($0 % 251), count: $0 % 7) }
        let bytes = wanted.compactMap { MessagePrefix.framed($0) }.flatMap { $0 }
        #expect(try messages([bytes]) == wanted)
    }

    @Test("B1: a long one in uneven pieces is put together")
    func longMessage() throws {
        let message = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let bytes = try #require(MessagePrefix.framed(message))
        var pieces: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + 1 + (start * 7) % 16_384)
            pieces.append(Array(bytes[start..<end]))
            start = end
        }
        #expect(try messages(pieces) == [message])
    }

    @Test("B2: an end inside prefix or payload is truncation", arguments: [(1, 4), (4, 1), (5, 3), (7, 1)])
    func truncated(byteCount: Int, missing: Int) {
        #expect(throws: FrameError.truncated(missing: missing)) { try messages([Array(Self.three.prefix(byteCount))]) }
    }

    @Test("B2: an end between messages is none", arguments: [0, 8, 13, 20])
    func endBetween(byteCount: Int) throws {
        #expect(try messages([Array(Self.three.prefix(byteCount))]).count == [0: 0, 8: 1, 13: 2, 20: 3][byteCount])
    }

    @Test("B6: flag 1 is refused on its first byte")
    func compressed() {
        #expect(throws: FrameError.compressed) { try messages([[1]]) }
        #expect(throws: FrameError.compressed) { try messages([Self.three, [1]]) }
    }

    @Test("B6: compressed messages are told apart, at every cut, where the call names an encoding")
    func takesCompressed() throws {
        let bytes = prefix(1, 2) + [7, 8] + prefix(0, 1) + [9] + prefix(1, 0)
        for cut in 0...bytes.count {
            var deframer = MessageDeframer(limit: 8)
            deframer.takesCompressed = true
            var found: [String] = []
            for piece in [Array(bytes[..<cut]), Array(bytes[cut...])] {
                try deframer.receive(piece.span) { message, isCompressed in
                    found.append("\(message.count) \(isCompressed)")
                }
            }
            #expect(found == ["2 true", "1 false", "0 true"])
        }
    }

    @Test("B7: a flag that is neither 0 nor 1 names itself", arguments: [2, 0x7F, 0x80, 0xFF] as [UInt8])
    func unknownFlag(flag: UInt8) {
        #expect(throws: FrameError.unknownFlag(flag)) { try messages([prefix(flag, 0)]) }
    }

    @Test("B11: a length above the limit is refused on the prefix", arguments: [4, 1 << 22, .max] as [UInt32])
    func tooLarge(length: UInt32) {
        #expect(throws: FrameError.tooLarge(byteCount: Int(length), limit: 3)) {
            try messages([prefix(0, length)], limit: 3)
        }
    }

    @Test("B11: a length at the limit is taken")
    func atTheLimit() throws {
        #expect(try messages([Self.three], limit: 3) == Self.payloads)
    }

    @Test("messages before a bad prefix are lent, and after it nothing is")
    func poisoned() {
        var deframer = MessageDeframer(limit: 8)
        var count = 0
        #expect(throws: FrameError.unknownFlag(9)) {
            try deframer.receive((Self.three + [9]).span) { _, _ in count += 1 }
        }
        #expect(count == 3)
        #expect(throws: FrameError.unknownFlag(9)) { try deframer.receive(Self.three.span) { _, _ in count += 1 } }
        #expect(throws: FrameError.unknownFlag(9)) { try deframer.finish() }
        #expect(count == 3)
    }

    @Test(
        "it is known whether a message has begun",
        arguments: [(0, false), (1, true), (5, true), (7, true), (8, false)])
    func isInsideMessage(byteCount: Int, expected: Bool) throws {
        var deframer = MessageDeframer(limit: 8)
        try deframer.receive(Array(Self.three.prefix(byteCount)).span) { _, _ in }
        #expect(deframer.isInsideMessage == expected)
    }
}

@Suite("Message prefixes") struct MessagePrefixTests {
    @Test(
        "are a zero flag and the length in network order",
        arguments: [
            (0, [0, 0, 0, 0, 0]), (3, [0, 0, 0, 0, 3]), (0x0102_0304, [0, 1, 2, 3, 4]),
            (.max, [0, 255, 255, 255, 255]),
        ] as [(UInt32, [UInt8])])
    func bytes(length: UInt32, expected: [UInt8]) {
        var bytes: [UInt8] = []
        MessagePrefix.append(length: length, to: &bytes)
        #expect(bytes == expected)
    }

    @Test("stand before the message")
    func framed() {
        #expect(MessagePrefix.framed([7, 8]) == [0, 0, 0, 0, 2, 7, 8])
        #expect(MessagePrefix.framed([]) == [0, 0, 0, 0, 0])
        #expect(MessagePrefix.framed([7], isCompressed: true) == [1, 0, 0, 0, 1, 7])
    }
}

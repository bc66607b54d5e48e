import ProtoJSON
import Testing

@Suite("Wire bytes to JSON") struct MessagePrinterTests {
    private func json(_ wire: String) throws -> String {
        text(try JSONMapping(try kindsSchema()).node(of: hex(wire), as: "kinds.Kinds"))
    }

    @Test(
        "follows the merging rules of the encoding",
        arguments: [
            ("1801 1802", #"{"anInt32":2}"#),  // The last one wins.
            ("8a01021801 8a01022002", #"{"inner":{"anInt32":1,"anInt64":"2"}}"#),  // Messages are merged.
            ("ca010161 d00105", #"{"right":5}"#), ("d00105 ca010161", #"{"left":"a"}"#),  // A oneof keeps one.
            ("900101 92010102 900103", #"{"numbers":[1,2,3]}"#),  // Packed and not, mixed.
            ("b201050a01611001 b201050a01611002", #"{"byText":{"a":"2"}}"#), ("b20100", #"{"byText":{"":"0"}}"#),
            ("ba01020801", #"{"byNumber":{"1":{}}}"#),
        ])
    func merging(wire: String, expected: String) throws {
        #expect(try json(wire) == expected)
    }

    @Test(
        "leaves out what the schema does not know",
        arguments: [
            "c03e01", "c13e0102030405060708", "c23e0161", "c53e01020304", "c33e 0801 c33e c43e c43e", "1800",
        ])
    func unknownFields(wire: String) throws {
        #expect(try json(wire) == "{}")
    }

    @Test("prints a value that an enumeration lacks as its number")
    func openEnumerations() throws {
        #expect(try json("800163") == #"{"aColour":99}"#)
    }

    @Test("prints a packed message of unknown type by its bytes")
    func unknownAny() throws {
        #expect(try json("82020a 0a03782f79 1203010203") == #"{"any":{"@type":"x/y","value":"AQID"}}"#)
    }

    @Test(
        "refuses what is not the wire format",
        arguments: [
            "18", "18ffffffffffffffffff02", "72", "720561", "0900", "4d0000", "04", "c33e", "c33e d43e", "1f", "00",
            "7201", "ea010908ffffffffffffffff7f", "9201 01ff", "aa0203000000", "8a010118",
        ])
    func malformed(wire: String) throws {
        #expect(throws: WireError.self) { try json(wire) }
    }

    @Test("names the field whose text is not UTF-8")
    func notUTF8() throws {
        #expect(throws: WireError.textNotUTF8(field: "kinds.Kinds.inner.a_string")) { try json("8a010372 01ff") }
    }

    @Test("stops at 100 messages inside each other")
    func depth() throws {
        func nested(_ count: Int) -> [UInt8] {
            (0..<count).reduce([]) { inner, _ in
                let count = inner.count
                return [0x8A, 0x01] + (count < 128 ? [UInt8(count)] : [UInt8(count & 127) | 128, UInt8(count >> 7)])
                    + inner
            }
        }
        let mapping = JSONMapping(try kindsSchema())
        #expect(throws: Never.self) { try mapping.node(of: nested(99), as: "kinds.Kinds") }
        #expect(throws: WireError.self) { try mapping.node(of: nested(100), as: "kinds.Kinds") }
    }
}

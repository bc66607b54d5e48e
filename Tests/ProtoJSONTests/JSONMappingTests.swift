import ProtoJSON
import Testing

@Suite("Messages as JSON") struct JSONMappingTests {
    /// Wire bytes and JSON as Google's Python implementation (protobuf 6) writes them.
    static let pairs: [(wire: String, json: String)] = [
        (
            "09000000000000f83f15cdcccc3d18f9ffffffffffffffff012080808080808080808001"
                + "28ffffffff0f30ffffffffffffffffff01",
            #"{"aDouble":1.5,"aFloat":0.1,"anInt32":-7,"anInt64":"-9223372036854775808","aUint32":4294967295,"#
                + #""aUint64":"18446744073709551615"}"#
        ),
        (
            "38ffffffff0f40ffffffffffffffffff014d010000005102000000000000005dffffffff61feffffffffffffff",
            #"{"aSint32":-2147483648,"aSint64":"-9223372036854775808","aFixed32":1,"aFixed64":"2","aSfixed32":-1,"#
                + #""aSfixed64":"-2"}"#
        ),
        (
            "68017208e6b8a9f09f9880227a0300fffe800101",
            #"{"aBool":true,"aString":"温😀\"","someBytes":"AP/+","aColour":"COLOUR_KIND_RED"}"#
        ),
        ("8a01058a01021801aa0100aa01026801", #"{"inner":{"inner":{"anInt32":1}},"many":[{},{"aBool":true}]}"#),
        (
            "92010d01ffffffffffffffffff01ac029a01009a010161a2010bffffffffffffffffff0104"
                + "aa0210000000000000f03f000000000000d0bfb202080100000002000000",
            #"{"numbers":[1,-1,300],"words":["","a"],"colours":["PLAIN","COLOUR_KIND_4"],"doubles":[1,-0.25],"#
                + #""fixeds":[1,2]}"#
        ),
        (
            "b201050a01611001ba011008fdffffffffffffffff011203d80100c201050801120178",
            #"{"byText":{"a":"1"},"byNumber":{"-3":{"maybe":0}},"byTruth":{"true":"x"}}"#
        ),
        ("d00100d80100e2010178", #"{"right":0,"maybe":0,"anotherName":"x"}"#),
        (
            "ea010b08d49b85cd06108094ef3af2011608ffffffffffffffffff011080b6ca91feffffffff01"
                + "fa011a0a08615f646f75626c650a0e696e6e65722e616e5f696e743332",
            #"{"at":"2026-02-27T07:55:00.123456Z","lasting":"-1.500s","mask":"aDouble,inner.anInt32"}"#
        ),
        (
            "8202270a1f747970652e676f6f676c65617069732e636f6d2f6b696e64732e4b696e647312047202696e",
            #"{"any":{"@type":"type.googleapis.com/kinds.Kinds","aString":"in"}}"#
        ),
        (
            "8202320a2c747970652e676f6f676c65617069732e636f6d2f676f6f676c652e70726f746f627566"
                + "2e4475726174696f6e12020803",
            #"{"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"3s"}}"#
        ),
        (
            "8a02250a230a0161121e321c0a0911000000000000f03f0a0220010a0208000a031a01780a022a0092020208009a0200a20200",
            #"{"structure":{"a":[1,true,null,"x",{}]},"value":null,"wrapped":"0","text":""}"#
        ),
        ("09000000000000f87f15000080ff", #"{"aDouble":"NaN","aFloat":"-Infinity"}"#),
        ("0992d54d06cff08044150000804b", #"{"aDouble":1e+22,"aFloat":16777216}"#),
        ("", "{}"),
    ]

    @Test("agree with Google's implementation, both ways", arguments: pairs)
    func golden(wire: String, json: String) throws {
        let mapping = JSONMapping(try kindsSchema())
        #expect(text(try mapping.node(of: hex(wire), as: "kinds.Kinds")) == json)
        let node = try JSONReader.read(Array(json.utf8))
        #expect(hex(try mapping.bytes(of: node, as: "kinds.Kinds")) == wire)
    }

    @Test("can have 64-bit integers as numbers and enumerations without their prefix")
    func shaped() throws {
        let options = JSONMapping.Options(writesInt64AsNumber: true, shortensEnums: true)
        let mapping = JSONMapping(try kindsSchema(), options)
        let wire = hex("20ffffffffffffffff7f 800101 a20106 04ffffffff0f")
        #expect(
            text(try mapping.node(of: wire, as: "kinds.Kinds"))
                == #"{"anInt64":9223372036854775807,"aColour":"RED","colours":["COLOUR_KIND_4","PLAIN"]}"#)
    }

    @Test("can show defaults, but not of messages and members of a oneof")
    func defaults() throws {
        let mapping = JSONMapping(try kindsSchema(), .init(writesDefaults: true))
        let node = try mapping.node(of: [], as: "kinds.Kinds")
        #expect(node["anInt64"]?.content == .string("0"))
        #expect(node["words"]?.content == .array([]))
        #expect(node["byText"]?.content == .object([]))
        #expect(node["aColour"]?.content == .string("COLOUR_KIND_UNSPECIFIED"))
        #expect(node["left"] == nil && node["maybe"] == nil && node["inner"] == nil && node["at"] == nil)
    }

    @Test("of a kind that the schema lacks are an error")
    func unknownMessage() throws {
        let mapping = JSONMapping(try kindsSchema())
        #expect(throws: WireError.unknownMessage("kinds.Absent")) { try mapping.node(of: [], as: "kinds.Absent") }
        #expect(throws: JSONError(offset: 0, problem: "no message called kinds.Absent")) {
            try mapping.bytes(of: .object([:]), as: "kinds.Absent")
        }
    }
}

import ProtoJSON
import Testing

@Suite("JSON to wire bytes") struct MessageParserTests {
    private func wire(_ json: String) throws -> String {
        hex(try JSONMapping(try kindsSchema()).bytes(of: try JSONReader.read(Array(json.utf8)), as: "kinds.Kinds"))
    }

    @Test(
        "takes every accepted form of a value",
        arguments: [
            (#"{"an_int32":1}"#, "1801"), (#"{"renamed":"x"}"#, "e2010178"),
            (#"{"anInt32":"1"}"#, "1801"), (#"{"anInt32":1.0}"#, "1801"), (#"{"anInt32":10e-1}"#, "1801"),
            (#"{"anInt32":0.1e1}"#, "1801"), (#"{"anInt64":5}"#, "2005"), (#"{"anInt64":"5"}"#, "2005"),
            (#"{"anInt64":5e0}"#, "2005"),
            (#"{"aUint64":18446744073709551615}"#, "30ffffffffffffffffff01"),
            (#"{"aColour":"RED"}"#, "800101"), (#"{"aColour":"COLOUR_KIND_RED"}"#, "800101"),
            (#"{"aColour":1}"#, "800101"),
            (#"{"aColour":99}"#, "800163"), (#"{"aColour":"COLOUR_KIND_4"}"#, "800104"),
            (#"{"aDouble":"1.5"}"#, "09000000000000f83f"), (#"{"aFloat":1}"#, "150000803f"),
            (#"{"someBytes":"AP_-"}"#, "7a0300fffe"), (#"{"someBytes":"AA=="}"#, "7a0100"),
            (#"{"someBytes":"AA"}"#, "7a0100"),
            (#"{"anInt32":null,"words":null,"inner":null}"#, ""), (#"{"anInt32":0,"aString":""}"#, ""),
            (#"{"maybe":0}"#, "d80100"), (#"{"left":""}"#, "ca0100"), (#"{"left":null,"right":1}"#, "d00101"),
            (#"{"byTruth":{"false":"x"}}"#, "c2010508001201 78"), (#"{"inner":{}}"#, "8a0100"),
            (#"{"at":"2026-02-27T15:55:00+08:00"}"#, "ea010608d49b85cd06"),
            (#"{"at":"1970-01-01t00:00:00.0000000019z"}"#, "ea01021001"),
            (#"{"any":{}}"#, "820200"), (#"{"mask":""}"#, "fa0100"),
        ])
    func forms(json: String, expected: String) throws {
        #expect(try wire(json) == hex(hex(expected)))
    }

    @Test(
        "names the field, the place and what was expected",
        arguments: [
            (#"{"absent":1}"#, #"line 1, column 2: absent: kinds.Kinds has no such field"#),
            (#"{"inner":{"many":[{},{"x":1}]}}"#, "line 1, column 23: inner.many[1].x: kinds.Kinds has no such field"),
            (#"{"inner":{"anInt64":"many"}}"#, #"line 1, column 21: inner.anInt64: expected an integer, found "many""#),
            (#"{"anInt32":1.5}"#, "line 1, column 12: anInt32: expected an integer, found 1.5"),
            (
                #"{"anInt32":2147483648}"#,
                "line 1, column 12: anInt32: expected an integer from -2147483648 to 2147483647, found 2147483648"
            ),
            (#"{"aUint32":-1}"#, "line 1, column 12: aUint32: expected an integer from 0 to 4294967295, found -1"),
            (
                #"{"anInt64":1e999999999999}"#,
                "line 1, column 12: anInt64: expected an integer from -9223372036854775808 to 9223372036854775807, "
                    + "found 1e999999999999"
            ),
            (#"{"aDouble":1e999}"#, "line 1, column 12: aDouble: expected a number within range, found 1e999"),
            (#"{"aDouble":"0x10"}"#, #"line 1, column 12: aDouble: expected a number, found "0x10""#),
            (#"{"aBool":"true"}"#, #"line 1, column 10: aBool: expected true or false, found "true""#),
            (#"{"aString":7}"#, "line 1, column 12: aString: expected a string, found 7"),
            (#"{"someBytes":"A"}"#, #"line 1, column 14: someBytes: expected a string in base64, found "A""#),
            (
                #"{"aColour":"BLUE"}"#,
                #"line 1, column 12: aColour: expected one of UNSPECIFIED, RED, COLOUR_KIND_4, PLAIN, found "BLUE""#
            ),
            (#"{"words":"a"}"#, #"line 1, column 10: words: expected an array, found "a""#),
            (#"{"words":["a",null]}"#, "line 1, column 15: words[1]: expected a string, found null"),
            (#"{"byText":{"a":true}}"#, #"line 1, column 16: byText["a"]: expected an integer, found true"#),
            (#"{"byNumber":{"x":{}}}"#, #"line 1, column 14: byNumber["x"]: expected an integer, found "x""#),
            (#"{"inner":[]}"#, "line 1, column 10: inner: expected an object, found an array"),
            (#"{"anInt32":1,"an_int32":2}"#, "line 1, column 14: an_int32: given twice"),
            (#"{"left":"a","right":1}"#, "line 1, column 13: right: excludes left, which is given too"),
            (
                #"{"at":"2026-02-30T00:00:00Z"}"#,
                #"line 1, column 7: at: expected a time such as "2026-02-27T15:55:00+08:00", "#
                    + #"found "2026-02-30T00:00:00Z""#
            ),
            (#"{"lasting":"1.5"}"#, #"line 1, column 12: lasting: expected a duration such as "1.5s", found "1.5""#),
            (#"{"any":{"value":1}}"#, #"line 1, column 8: any: expected a member "@type" that names the message"#),
            (#"{"any":{"@type":"x/y.Z"}}"#, #"line 1, column 17: any.@type: no message called "y.Z""#),
            ("[]", "line 1, column 1: expected an object, found an array"),
        ])
    func errors(json: String, expected: String) throws {
        let error = #expect(throws: JSONError.self) { try wire(json) }
        #expect(error?.description(in: Array(json.utf8)) == expected)
    }
}

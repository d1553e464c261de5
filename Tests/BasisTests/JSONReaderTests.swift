import Testing

@testable import Basis

@Suite struct JSONReaderTests {
    @Test func everyKindOfValueIsRead() throws {
        let value = try JSONReader.parse(#" {"a":[1,-2.5e3,true,null,"é\u00e9\ud83d\ude00\n"],"b":{}} "#)
        #expect(value["a"] == [1, -2500, true, nil, "éé😀\n"])
        #expect(value["b"] == [:])
    }

    @Test func writtenValuesReadBackEqual() throws {
        let value: JSONValue = ["ssrc": 4_294_967_295, "t": "a\"\\\u{1}é", "n": 0.1, "list": [nil, false]]
        #expect(try JSONReader.parse(value.serialized()) == value)
        #expect(JSONValue.number(4_294_967_295).serialized() == "4294967295")
        #expect(JSONValue.number(.nan).serialized() == "null")
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\"}", "01", "1.", "tru", "\"\u{1}\"", "\"\\x\"", "1 2", "{'a':1}", "-", "\"\\u12\"",
    ])
    func badTextIsRefused(_ text: String) {
        #expect(throws: JSONError.self) { try JSONReader.parse(text) }
    }

    @Test func depthIsBounded() {
        #expect(throws: JSONError.tooDeep) { try JSONReader.parse(String(repeating: "[", count: 100)) }
    }
}

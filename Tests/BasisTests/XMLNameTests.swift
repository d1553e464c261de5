import Basis
import Testing

struct XMLNameTests {
    /// Names that would not be XML any more, or mean another element, once written again.
    @Test(arguments: [
        "<p:a:b xmlns:p='u'/>", "<p: xmlns:p='u'/>", "<:a/>", "<p:1 xmlns:p='u'/>", "<p:-a xmlns:p='u'/>", "<.a/>",
        "<a xmlns:='u'/>", "<a :b='1'/>", "<a b:='1'/>",
    ]) func isRefused(_ text: String) {
        #expect(throws: XMLError.self) { try XMLReader.parse(text) }
    }

    @Test func prefixesAreSplitOff() throws {
        let element = try XMLReader.parse("<p:a-1.2 xmlns:p='u' xml:lang='fr'/>")
        #expect(element.name == "a-1.2")
        #expect(element.namespace == "u")
        #expect(element["xml:lang"] == "fr")
    }

    @Test(arguments: ["\u{FFFE}", "\u{FFFF}"]) func noncharactersAreRefused(_ text: String) {
        #expect(throws: XMLError.self) { try XMLReader.parse("<a>\(text)</a>") }
        #expect(throws: XMLError.self) { try XMLReader.parse("<a b='\(text)'/>") }
    }

    @Test func whatIsNearThemIsText() throws {
        #expect(try XMLReader.parse("<a>\u{FFFD}\u{FFC0}</a>").text == "\u{FFFD}\u{FFC0}")
    }
}

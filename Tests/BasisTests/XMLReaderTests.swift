import Testing

@testable import Basis

@Suite struct XMLReaderTests {
    @Test func namespacesAreInheritedAndPrefixesResolved() throws {
        let element = try XMLReader.parse(
            "<?xml version='1.0'?><stream:features xmlns:stream='http://etherx.jabber.org/streams'><a xmlns='u:a'><b/></a></stream:features>"
        )
        #expect(element.name == "features")
        #expect(element.namespace == "http://etherx.jabber.org/streams")
        #expect(element.child("a")?.child("b")?.namespace == "u:a")
    }

    @Test func writtenElementsReadBackEqual() throws {
        let element = XMLElement(
            "message", namespace: "jabber:client", [("to", "a'b<c>&\"")],
            children: [
                XMLElement("body", namespace: "jabber:client", text: "é <&> 😀"), XMLElement("x", namespace: "u:x"),
            ])
        #expect(try XMLReader.parse(element.serialized()) == element)
        #expect(
            element.serialized().hasPrefix("<message xmlns='jabber:client' to='a&apos;b&lt;c&gt;&amp;&quot;'><body>"))
    }

    @Test(arguments: [
        "", "<", "<a", "<a>", "<a></b>", "<a/><b/>", "text", "<a b='1' b='2'/>", "<a b=1/>", "<p:a/>", "<a>&nbsp;</a>",
        "<!DOCTYPE a><a/>", "<a><!-- c --></a>", "<a><?pi?></a>", "<a>&#0;</a>", "<a>\u{1}</a>", "<a>&#xD800;</a>",
        "<1a/>",
    ])
    func badTextIsRefused(_ text: String) {
        #expect(throws: XMLError.self) { try XMLReader.parse(text) }
    }

    @Test func depthAndSizeAreBounded() {
        let deep = String(repeating: "<a>", count: 70)
        #expect(throws: XMLError.tooDeep) { try XMLReader.parse(deep) }
        #expect(throws: XMLError.tooLarge) {
            try XMLReader.parse("<a>123456</a>", limits: .init(size: 8, depth: 4, attributes: 4))
        }
    }

    @Test func forbiddenCharactersAreNeverWritten() {
        var output = ""
        XMLText.escape("a\u{0}b\u{FFFF}", into: &output)
        #expect(output == "a\u{FFFD}b\u{FFFD}")
    }
}

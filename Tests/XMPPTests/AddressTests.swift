import Basis
import Testing

@testable import XMPP

@Suite struct AddressTests {
    @Test func partsAreToldApart() throws {
        let jid = try #require(JID("Conseil@Conference.Visio.example.org/Mairie d'Été/@2"))
        #expect(jid.local == "conseil")
        #expect(jid.domain == "conference.visio.example.org")
        #expect(jid.resource == "Mairie d'Été/@2")
        #expect(jid.description == "conseil@conference.visio.example.org/Mairie d'Été/@2")
        #expect(jid.bare == JID("conseil@conference.visio.example.org"))
        #expect(jid.bare.resource == nil)
        #expect(JID("example.org.") == JID("example.org"))
        #expect(JID("example.org/a") != JID("example.org/A"))
    }

    @Test(arguments: [
        "", "@example.org", "a@", "a@/r", "example.org/", "a@b@c", "a b@c", "a@b c", "a@b/\u{7}", "a\"@b",
    ])
    func whatIsNoAddressIsRefused(_ text: String) {
        #expect(JID(text) == nil)
    }

    @Test func lengthsAreBounded() {
        let part = String(repeating: "a", count: 1023)
        #expect(JID("\(part)@\(part)/\(part)") != nil)
        #expect(JID("\(part)a@b") == nil)
        #expect(JID("a@\(part)a") == nil)
        #expect(JID("a@b/\(part)a") == nil)
        #expect(JID(String(repeating: "a/", count: 5000)) == nil)
    }

    @Test func partsThatWouldReadDifferentlyAreRefused() {
        #expect(JID(local: "a/b", domain: "c") == nil)
        #expect(JID(local: nil, domain: "a@b") == nil)
        #expect(JID(local: "a", domain: "B", resource: "x/y")?.description == "a@b/x/y")
    }

    @Test func errorsAreReadAndWritten() throws {
        let stanza = try XMLReader.parse(
            """
            <iq xmlns='jabber:client' type='error' id='1' from='focus.example.org'><error type='auth'>\
            <not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
            <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>no</text><x xmlns='urn:x'/></error></iq>
            """)
        let error = try #require(StanzaError(stanza))
        #expect(error.type == .auth)
        #expect(error.condition == "not-authorized")
        #expect(error.text == "no")
        #expect(error.applicationElements == [XMLElement("x", namespace: "urn:x")])
        let request = XMLElement(
            "iq", namespace: XMPPNamespace.client, [("type", "get"), ("id", "q"), ("from", "a@b/c")])
        let answer = request.failure(error)
        #expect(answer["to"] == "a@b/c" && answer["id"] == "q")
        #expect(StanzaError(answer) == error)
        #expect(StanzaError(request) == nil)
        let bare = XMLElement("presence", namespace: XMPPNamespace.client, [("type", "error")])
        #expect(StanzaError(bare)?.condition == "undefined-condition")
    }
}

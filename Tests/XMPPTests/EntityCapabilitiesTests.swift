import Basis
import Testing

@testable import XMPP

@Suite struct EntityCapabilitiesTests {
    /// XEP-0115 section 5.2.
    let exodus = EntityCapabilities(
        node: "http://code.google.com/p/exodus",
        identities: [.init(category: "client", type: "pc", name: "Exodus 0.9.1")],
        features: [
            "http://jabber.org/protocol/muc", "http://jabber.org/protocol/disco#items",
            "http://jabber.org/protocol/disco#info", "http://jabber.org/protocol/caps",
            "http://jabber.org/protocol/muc",
        ])

    @Test func theHashIsTheOneOfTheSpecification() {
        #expect(exodus.verification == "QgayPKawpkPSDYmwT/WM94uAlu0=")
        #expect(
            exodus.presenceElement().serialized()
                == "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='http://code.google.com/p/exodus' ver='QgayPKawpkPSDYmwT/WM94uAlu0='/>"
        )
    }

    private func question(_ node: String?, type: String = "get") -> XMLElement {
        var query = XMLElement("query", namespace: XMPPNamespace.discoInfo)
        query["node"] = node
        return XMLElement(
            "iq", namespace: XMPPNamespace.client, [("type", type), ("id", "q7"), ("from", "room@conference.x/focus")],
            children: [query])
    }

    @Test(arguments: [nil, "http://code.google.com/p/exodus#QgayPKawpkPSDYmwT/WM94uAlu0="])
    func questionsAreAnsweredWithTheirNode(_ node: String?) throws {
        let answer = try #require(exodus.answer(to: question(node)))
        #expect(answer["type"] == "result" && answer["id"] == "q7" && answer["to"] == "room@conference.x/focus")
        let query = try #require(answer.child("query", namespace: XMPPNamespace.discoInfo))
        #expect(query["node"] == node)
        #expect(query.child("identity")?["name"] == "Exodus 0.9.1")
        #expect(query.children("feature").compactMap { $0["var"] } == exodus.features)
        #expect(exodus.features.count == 4)
    }

    @Test func otherQuestionsAreNot() {
        #expect(exodus.answer(to: question("lobbyrooms")) == nil)
        #expect(exodus.answer(to: question(nil, type: "set")) == nil)
        #expect(exodus.answer(to: question(nil, type: "result")) == nil)
    }
}

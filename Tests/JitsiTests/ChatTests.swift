import Basis
import Testing

@testable import Jitsi

/// Messages of people: in the room, from outside it, to us alone, taken back.
struct ChatTests {
    private func message(_ nick: String, _ inside: String, type: String = "groupchat", id: String = "m1") -> String {
        """
        <message xmlns='jabber:client' type='\(type)' id='\(id)' from='\(RoomHarness.roomJID)/\(nick)'>\(inside)\
        </message>
        """
    }

    private static let visitor = """
        <body>Bonjour</body><display-name xmlns='http://jitsi.org/protocol/display-name' source='visitor'>Ana\u{202E}\
        </display-name>
        """

    private func chats(_ harness: RoomHarness) -> [RoomMessage] {
        harness.events.compactMap { if case .chat(let message) = $0 { message } else { nil } }
    }

    @Test func visitorsAreHeardByTheNameTheServerGives() throws {
        var harness = try RoomHarness.joined()
        try harness.receive(message("v17", Self.visitor))
        #expect(chats(harness) == [RoomMessage(id: "m1", sender: .visitor(name: "Ana"), text: "Bonjour")])
        // Whoever is in the room speaks in the own name.
        try harness.receive(message("5e6f7a8b", Self.visitor))
        #expect(chats(harness).last?.sender == .occupant("5e6f7a8b"))
    }

    @Test func messagesToUsAloneAreMarked() throws {
        var harness = try RoomHarness.joined()
        try harness.receive(message("5e6f7a8b", "<body>psst</body>", type: "chat"))
        #expect(
            chats(harness) == [
                RoomMessage(id: "m1", sender: .occupant("5e6f7a8b"), text: "psst", isPrivate: true)
            ])
        try harness.receive(message("nobody", "<body>psst</body>", type: "chat"))
        #expect(chats(harness).count == 1)
    }

    @Test func onlyTheSenderTakesAMessageBack() throws {
        var harness = try RoomHarness.joined()
        try harness.presence("other", jid: "o@visio.example.org/x")
        try harness.receive(message("5e6f7a8b", "<body>oups</body>", id: "m7"))
        let said = try #require(chats(harness).last)
        let retraction = "<retract xmlns='urn:xmpp:message-retract:1' id='m7'/><body>I retracted a message</body>"
        try harness.receive(message("other", retraction, id: "m8"))
        #expect(!harness.events.contains(.chatRetracted(said)))
        try harness.receive(message("5e6f7a8b", retraction, id: "m9"))
        #expect(harness.events.last == .chatRetracted(said))
        let count = harness.events.count
        try harness.receive(message("5e6f7a8b", retraction, id: "m10"))
        #expect(harness.events.count == count, "its words are for other clients")
    }

    @Test func whatIsRememberedIsBounded() {
        var recent = RecentMessages()
        for index in 0..<200 {
            recent.add(RoomMessage(id: "m\(index)", sender: .occupant("a"), text: "x"), from: "a")
        }
        #expect(recent.retract("m100", from: "a") == nil)
        #expect(recent.retract("m199", from: "a")?.id == "m199")
        #expect(recent.retract("m150", from: "b") == nil)
    }

    // MARK: Doors

    @Test func signingInThatIsRequiredIsFinal() throws {
        var harness = try RoomHarness()
        harness.start()
        try harness.answerConference()
        try harness.joinError("not-allowed", extra: "<authentication-required xmlns='http://jitsi.org/jitmeet'/>")
        #expect(harness.events.last == .failed(.authenticationRequired))
        #expect(harness.room.soonest.instant == nil)
    }

    @Test func whoIsBannedLearnsByWhomAndWhy() throws {
        var harness = try RoomHarness.joined()
        try harness.receive(
            """
            <presence xmlns='jabber:client' type='unavailable' from='\(RoomHarness.roomJID)/a1b2c3d4'>\
            <x xmlns='http://jabber.org/protocol/muc#user'><item role='none'><actor nick='5e6f7a8b'/>\
            <reason>Bruit</reason></item><status code='301'/><status code='110'/></x></presence>
            """)
        #expect(harness.events.suffix(2) == [.banned(by: "Zoé", reason: "Bruit"), .failed(.banned)])
    }

    @Test func aGuestTakesTheNameThatStrictServersWant() {
        #expect(JitsiRoom.anonymousNick("A1B2C3D4-0e0f@visio.example.org/x") == "a1b2c3d4")
        #expect(JitsiRoom.anonymousNick("salle-du-conseil@visio.example.org/x") == nil)
    }

    // MARK: What others make us say

    @Test func answersToOthersShareABudgetAndTheFocusNone() throws {
        var harness = try RoomHarness.joined()
        func ask(_ nick: String) throws {
            try harness.receive(
                """
                <iq xmlns='jabber:client' type='get' id='q' from='\(RoomHarness.roomJID)/\(nick)'>\
                <query xmlns='jabber:iq:version'/></iq>
                """)
        }
        try ask("5e6f7a8b")
        #expect(harness.answers == 1)
        try harness.jingle("session-info", from: "5e6f7a8b")
        #expect(harness.answers == 2)
        try ask("focus")
        try harness.jingle("session-initiate", OfferFixtures.xml)
        #expect(harness.answers == 2)
        #expect(harness.lastReply?["type"] == "result")
    }

    @Test func aChannelWithoutEncryptionIsRefused() throws {
        let transport = OfferFixtures.xml.split(separator: "wss://", omittingEmptySubsequences: false).joined(
            separator: "ws://")
        let jingle = try XMLReader.parse("<jingle xmlns='urn:xmpp:jingle:1' sid='s'>\(transport)</jingle>")
        #expect(try OfferReader.read(jingle).webSocketURLs.isEmpty)
        #expect(try OfferReader.read(jingle, allowsInsecure: true).webSocketURLs.count == 1)
    }
}

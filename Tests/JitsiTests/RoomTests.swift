import Basis
import Testing

@testable import Jitsi

struct RoomTests {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func everyPresenceIsCompleteAndNeverTooSoon(seed: UInt64) throws {
        var harness = try RoomHarness.joined()
        var random = RandomSource(seed: seed)
        var last: MonotonicInstant?
        var wanted = LocalMedia(audioMuted: true, videoMuted: true)
        let before = harness.joins.count
        var seen = before
        harness.now += .seconds(1)
        for _ in 0..<60 {
            wanted.audioMuted = Bool.random(using: &random)
            wanted.videoMuted = Bool.random(using: &random)
            wanted.raisedHand = Bool.random(using: &random) ? 1_790_000_000_000 : nil
            harness.room.setLocalMedia(wanted, at: harness.now)
            harness.drain()
            for presence in harness.joins.dropFirst(seen) {
                expectComplete(presence, nick: "a1b2c3d4")
                #expect(presence.child("x") == nil)
                if let last { #expect(harness.now - last >= .milliseconds(300)) }
                last = harness.now
            }
            seen = harness.joins.count
            harness.wait(.milliseconds(Int.random(in: 1...200, using: &random)))
            for presence in harness.joins.dropFirst(seen) {
                expectComplete(presence, nick: "a1b2c3d4")
                if let last { #expect(harness.now - last >= .milliseconds(300)) }
                last = harness.now
            }
            seen = harness.joins.count
        }
        harness.wait(.seconds(1))
        #expect(harness.joins.count > before)
        let final = try #require(harness.joins.last)
        #expect(final.child("audiomuted")?.text == String(wanted.audioMuted))
        #expect(final.child("videomuted")?.text == String(wanted.videoMuted))
        #expect((final.child("jitsi_participant_raisedHand") != nil) == (wanted.raisedHand != nil))
    }

    @Test func changesMadeWhileJoiningArePublished() throws {
        var harness = try RoomHarness()
        harness.start()
        try harness.answerConference()
        harness.room.setLocalMedia(LocalMedia(audioMuted: false, videoMuted: false), at: harness.now)
        try harness.enter()
        harness.wait(.milliseconds(300))
        #expect(harness.joins.last?.child("audiomuted")?.text == "false")
    }

    @Test func anOccupantCalledFocusWithAnotherJIDIsNotTheFocus() throws {
        var harness = try RoomHarness()
        harness.start()
        try harness.answerConference()
        try harness.presence("focus", jid: "evil@visio.example.org/x")
        try harness.presence("a1b2c3d4", status: [110])
        try harness.jingle("session-initiate", OfferFixtures.xml)
        #expect(harness.offers.isEmpty)
        try harness.receive(muteIQ(from: "focus"))
        #expect(harness.errorCondition == "not-allowed")
        #expect(!harness.events.contains(.mutedByFocus(.audio)))
        #expect(harness.room.participants.map(\.id) == ["focus"])
    }

    private func muteIQ(from: String, value: Bool = true) -> String {
        """
        <iq xmlns='jabber:client' type='set' id='m1' from='\(RoomHarness.roomJID)/\(from)'>\
        <mute xmlns='http://jitsi.org/jitmeet/audio' actor='x'>\(value)</mute></iq>
        """
    }

    @Test func mutedByTheFocusAndBackOnlyWithItsLeave() throws {
        var harness = try RoomHarness.joined()
        harness.now += .seconds(1)
        let open = LocalMedia(audioMuted: false, videoMuted: false)
        harness.room.setLocalMedia(open, at: harness.now)
        harness.drain()
        try harness.receive(muteIQ(from: "5e6f7a8b"))
        #expect(!harness.events.contains(.mutedByFocus(.audio)))
        try harness.receive(muteIQ(from: "focus", value: false))
        #expect(!harness.events.contains(.mutedByFocus(.audio)))
        try harness.receive(muteIQ(from: "focus"))
        #expect(harness.events.last == .mutedByFocus(.audio))
        harness.wait(.seconds(1))
        #expect(harness.joins.last?.child("audiomuted")?.text == "true")

        harness.room.setLocalMedia(open, at: harness.now)
        harness.wait(.seconds(1))
        #expect(harness.joins.last?.child("audiomuted")?.text == "true")
        let query = try #require(harness.queries.last?.stanza.child("mute"))
        #expect(query["jid"] == RoomHarness.roomJID + "/a1b2c3d4")
        #expect(query.text == "false")
        try harness.answer("mute", .error(condition: "not-allowed", type: "cancel", text: "", children: []))
        #expect(harness.events.last == .unmuteRefused(.audio))
        harness.room.setLocalMedia(open, at: harness.now)
        harness.drain()
        try harness.answer("mute", result: "")
        #expect(harness.events.last == .unmuted(.audio))
        #expect(harness.joins.last?.child("audiomuted")?.text == "false")
    }

    @Test func componentMessagesCountOnlyFromComponents() throws {
        var harness = try RoomHarness.joined()
        func message(_ from: String) -> String {
            """
            <message xmlns='jabber:client' from='\(from)'>\(OfferFixtures.message(
                #"{"type":"av_moderation","enabled":true,"mediaType":"audio"}"#))</message>
            """
        }
        // Before the answer of disco messages wait.
        try harness.receive(message("avmoderation.visio.example.org"))
        try harness.receive(message("evil@visio.example.org/x"))
        #expect(!harness.events.contains(.moderation(.audio, enabled: true)))
        harness.queries.removeAll { $0.stanza["to"] == RoomHarness.roomJID }
        try harness.answer(
            "query",
            result: """
                <query xmlns='http://jabber.org/protocol/disco#info'><identity category='component' \
                type='av_moderation' name='avmoderation.visio.example.org'/></query>
                """)
        #expect(harness.events.filter { $0 == .moderation(.audio, enabled: true) }.count == 1)
        harness.room.setLocalMedia(LocalMedia(audioMuted: false, videoMuted: true), at: harness.now)
        harness.drain()
        #expect(harness.events.last == .unmuteRefused(.audio))
        try harness.receive(message("evil@visio.example.org/x"))
        #expect(harness.events.filter { $0 == .moderation(.audio, enabled: true) }.count == 1)
    }

    @Test func chatAndSubjectAreCleanedAndComeFromOccupants() throws {
        var harness = try RoomHarness.joined()
        func message(_ nick: String, _ inside: String) -> String {
            "<message xmlns='jabber:client' type='groupchat' from='\(RoomHarness.roomJID)/\(nick)'>\(inside)</message>"
        }
        try harness.receive(message("5e6f7a8b", "<body>Bon\u{202E}jour</body>"))
        #expect(harness.events.last == .chat(RoomMessage(sender: .occupant("5e6f7a8b"), text: "Bonjour")))
        let count = harness.events.count
        try harness.receive(message("nobody", "<body>x</body>"))
        try harness.receive(message("5e6f7a8b", "<body>x</body><delay xmlns='urn:xmpp:delay'/>"))
        try harness.receive(message("5e6f7a8b", "<body>x</body>" + OfferFixtures.message("{}")))
        #expect(harness.events.count == count)
        try harness.receive(message("5e6f7a8b", "<subject>Conseil du 3 mars</subject>"))
        #expect(harness.events.last == .subject("Conseil du 3 mars"))
        harness.room.sendChat(text: "Oui", at: harness.now)
        harness.drain()
        #expect(harness.sent.last?.child("body")?.text == "Oui")
    }

    @Test func kickedBannedAndDestroyedEndTheRoom() throws {
        var kicked = try RoomHarness.joined()
        try kicked.presence("a1b2c3d4", role: "none", status: [110, 307], type: "unavailable")
        #expect(kicked.events.last == .kicked(by: "", reason: ""))
        #expect(kicked.room.soonest.instant == nil)
        var banned = try RoomHarness.joined()
        try banned.presence("a1b2c3d4", role: "none", status: [110, 301], type: "unavailable")
        #expect(banned.events.last == .failed(.banned))
        var destroyed = try RoomHarness.joined()
        try destroyed.receive(
            """
            <presence xmlns='jabber:client' type='unavailable' from='\(RoomHarness.roomJID)/a1b2c3d4'>\
            <x xmlns='http://jabber.org/protocol/muc#user'><destroy><reason>fin</reason></destroy></x></presence>
            """)
        #expect(destroyed.events.last == .destroyed(reason: "fin"))
    }

    @Test func occupantsAreBounded() throws {
        var harness = try RoomHarness.joined()
        for index in 0..<700 { try harness.presence("p\(index)") }
        #expect(harness.room.participants.count < 500)
        #expect(harness.room.participants.first?.id == "5e6f7a8b")
    }

    @Test func queriesToUsAreAnswered() throws {
        var harness = try RoomHarness.joined()
        try harness.receive(
            "<iq xmlns='jabber:client' type='get' id='q' from='x@y/z'><ping xmlns='urn:xmpp:ping'/></iq>")
        #expect(harness.lastReply?["type"] == "result")
        try harness.receive("<iq xmlns='jabber:client' type='get' id='q' from='x@y/z'><odd xmlns='urn:odd'/></iq>")
        #expect(harness.errorCondition == "service-unavailable")
        try harness.receive(
            """
            <iq xmlns='jabber:client' type='get' id='q' from='x@y/z'><query \
            xmlns='http://jabber.org/protocol/disco#info'/></iq>
            """)
        guard case .discoInfoRequested? = harness.events.last else {
            Issue.record("not passed on")
            return
        }
    }

    @Test func damagedStanzasNeverTrap() throws {
        let stanzas = [
            "<presence xmlns='jabber:client' from='\(RoomHarness.roomJID)/5e6f7a8b'>\(RoomHarness.peerExtensions)</presence>",
            "<iq xmlns='jabber:client' type='set' id='1' from='\(RoomHarness.roomJID)/focus'><jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='s1'>\(OfferFixtures.json)</jingle></iq>",
            "<iq xmlns='jabber:client' type='set' id='1' from='\(RoomHarness.roomJID)/focus'><jingle xmlns='urn:xmpp:jingle:1' action='source-add' sid='s1'>\(OfferFixtures.xml)</jingle></iq>",
            "<message xmlns='jabber:client' type='groupchat' from='\(RoomHarness.roomJID)/5e6f7a8b'><body>x</body></message>",
        ]
        var harness = try RoomHarness.joined()
        var random = RandomSource(seed: 11)
        var taken = 0
        for _ in 0..<4000 {
            var bytes = Array(stanzas[Int.random(in: 0..<stanzas.count, using: &random)].utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                    Array("0123456789-abcxyz '\"/:{}[]".utf8).randomElement(using: &random) ?? 0
            }
            guard let stanza = try? XMLReader.parse(bytes) else { continue }
            taken += 1
            harness.room.receive(stanza: stanza, at: harness.now)
            harness.drain()
        }
        #expect(taken > 500)
        #expect(harness.room.phase == .joined)
    }
}

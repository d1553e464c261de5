import Basis
import Testing

@testable import Jitsi

/// What the meeting is, as focus, recorders, transcribers, participants and the room itself tell it.
struct MeetingFactsTests {
    private static let hidden = "recorder.visio.example.org"

    private func joined() throws -> RoomHarness {
        var harness = try RoomHarness(config: "config.hiddenDomain = '\(Self.hidden)'")
        harness.start()
        try harness.answerConference()
        try harness.presence("5e6f7a8b", jid: "x@visio.example.org/x", children: RoomHarness.peerExtensions)
        try harness.enter()
        return harness
    }

    private func focus(_ harness: inout RoomHarness, _ children: String) throws {
        try harness.presence("focus", jid: RoomHarness.focusJID + "/focus", role: "moderator", children: children)
    }

    private func status(_ status: String, mode: String = "file", session: String = "s1", more: String = "") -> String {
        """
        <jibri-recording-status xmlns='http://jitsi.org/protocol/jibri' status='\(status)' recording_mode='\(mode)' \
        session_id='\(session)' \(more)/>
        """
    }

    // MARK: Recording

    @Test func aRecordingIsPendingThenOnThenOffAndItsStarterIsNamed() throws {
        var harness = try joined()
        let initiator = "initiator='\(RoomHarness.roomJID)/5e6f7a8b'"
        try focus(&harness, status("pending", more: initiator))
        #expect(harness.facts?.recording == .starting)
        try focus(&harness, status("on"))
        #expect(harness.facts?.recording == .on)
        #expect(harness.facts?.recordingStarter == "Zoé")
        #expect(harness.facts?.liveStream == .off)
        let count = harness.events.count
        try focus(&harness, status("on"))
        #expect(harness.events.count == count)
        try focus(&harness, status("off"))
        #expect(harness.facts == MeetingFacts())
        // Jicofo never takes its last word out of its presence.
        try focus(&harness, status("off", more: "failure_reason='error'"))
        #expect(harness.facts == MeetingFacts())
        #expect(!harness.events.contains(.recordingFailed(isStream: false)))
    }

    @Test func streamsAndFilesAreToldApartAndMayRunTogether() throws {
        var harness = try joined()
        try focus(&harness, status("on", mode: "stream", session: "a") + status("pending", session: "b"))
        #expect(harness.facts?.liveStream == .on)
        #expect(harness.facts?.recording == .starting)
        try focus(&harness, status("off", session: "b", more: "failure_reason='busy'"))
        #expect(harness.events.contains(.recordingFailed(isStream: false)))
        #expect(harness.facts?.recording == .off)
        #expect(harness.facts?.liveStream == .on)
    }

    @Test func onlyTheFocusTellsOfRecordings() throws {
        var harness = try joined()
        try harness.presence("5e6f7a8b", children: status("on"))
        #expect(harness.facts == MeetingFacts())
        try focus(&harness, status("on", more: "initiator='evil@visio.example.org/5e6f7a8b'"))
        #expect(harness.facts?.recordingStarter.isEmpty == true)
    }

    @Test func whoComesInLearnsOfItOnceInside() throws {
        var harness = try RoomHarness()
        harness.start()
        try harness.answerConference()
        try focus(&harness, status("on"))
        #expect(harness.facts == nil)
        try harness.presence(harness.room.occupantID, jid: RoomHarness.us, status: [110])
        #expect(harness.facts?.recording == .on)
    }

    @Test func recordersAreNoParticipantsAndShowThatTheyRecord() throws {
        var harness = try joined()
        try harness.presence("rec1", jid: "jibri@\(Self.hidden)/x", children: "<session_id>7</session_id>")
        #expect(harness.room.participants.map(\.id) == ["5e6f7a8b"])
        #expect(harness.facts?.recording == .on)
        try harness.presence("rec1", type: "unavailable")
        #expect(harness.facts?.recording == .off)
        try harness.presence(
            "rec2", jid: "jibri@\(Self.hidden)/x", children: "<session_id>8</session_id><mode>STREAM</mode>")
        #expect(harness.facts?.liveStream == .on)
        try harness.presence("liar", jid: "x@visio.example.org/x", children: "<session_id>7</session_id>")
        #expect(harness.facts?.recording == .off)
    }

    @Test func aParticipantWhoRecordsOnTheOwnMachineIsToldOf() throws {
        var harness = try joined()
        try harness.presence(
            "5e6f7a8b",
            children: RoomHarness.peerExtensions
                + "<jitsi_participant_localRecording>true</jitsi_participant_localRecording>")
        #expect(harness.facts?.recording == .on)
        #expect(harness.facts?.recordingStarter == "Zoé")
    }

    @Test func sessionsAreBounded() throws {
        var harness = try joined()
        for index in 0..<40 { try focus(&harness, status("on", session: "s\(index)")) }
        for index in 0..<16 { try focus(&harness, status("off", session: "s\(index)")) }
        #expect(harness.facts?.recording == .off)
    }

    // MARK: Transcription, encryption, lock

    @Test func transcriptionIsToldByTranscriberFocusOrMetadata() throws {
        var harness = try joined()
        func transcriber(_ status: String) -> String {
            "<transcription-status xmlns='http://jitsi.org/jitmeet' status='\(status)'/>"
        }
        try harness.presence("tr", jid: "jigasi@\(Self.hidden)/x", children: transcriber("ON"))
        #expect(harness.facts?.isTranscribed == true)
        try harness.presence("tr", jid: "jigasi@\(Self.hidden)/x", children: transcriber("OFF"))
        #expect(harness.facts?.isTranscribed == false)
        try harness.presence("5e6f7a8b", children: transcriber("ON"))
        #expect(harness.facts?.isTranscribed == false)
        func property(_ value: Bool) -> String {
            """
            <conference-properties xmlns='http://jitsi.org/protocol/focus'>\
            <property key='audio-recording-enabled' value='\(value)'/></conference-properties>
            """
        }
        try focus(&harness, property(true))
        #expect(harness.facts?.isTranscribed == true)
        try focus(&harness, property(false))
        #expect(harness.facts?.isTranscribed == false)

        try harness.knowComponents()
        func metadata(_ json: String) -> String {
            RoomHarness.componentMessage("metadata.visio.example.org", #"{"type":"room_metadata","metadata":\#(json)}"#)
        }
        try harness.receive(metadata(#"{"recording":{"isTranscribingEnabled":true}}"#))
        #expect(harness.facts?.isTranscribed == false)
        try harness.receive(metadata(#"{"recording":{"isTranscribingEnabled":true},"asyncTranscription":true}"#))
        #expect(harness.facts?.isTranscribed == true)
        try harness.receive(metadata(#"{"asyncTranscription":true}"#))
        #expect(harness.facts?.isTranscribed == false)
    }

    @Test func oneParticipantWhoEncryptsIsEnough() throws {
        var harness = try joined()
        try harness.presence(
            "5e6f7a8b",
            children: "<jitsi_participant_e2ee.enabled>true</jitsi_participant_e2ee.enabled>")
        #expect(harness.facts?.isEncrypted == true)
        try harness.presence("5e6f7a8b", type: "unavailable")
        #expect(harness.facts?.isEncrypted == false)
    }

    @Test func theDoorIsAskedForAgainWhenItChanges() throws {
        var harness = try joined()
        func info(_ features: String...) -> String {
            "<query xmlns='http://jabber.org/protocol/disco#info'>"
                + features.map { "<feature var='\($0)'/>" }.joined() + "</query>"
        }
        let changed = """
            <message xmlns='jabber:client' type='groupchat' from='\(RoomHarness.roomJID)'>\
            <x xmlns='http://jabber.org/protocol/muc#user'><status code='104'/></x></message>
            """
        try harness.answer("query", result: info("muc_passwordprotected", "muc_open"))
        #expect(harness.facts?.hasPassword == true)
        #expect(harness.facts?.isMembersOnly == false)
        #expect(harness.facts?.isLocked == true)
        // Twice while one question is on its way: the answer to that may be old.
        try harness.receive(changed)
        try harness.receive(changed)
        try harness.answer("query", result: info("muc_unsecured", "muc_membersonly"))
        #expect(harness.facts?.hasPassword == false)
        #expect(harness.facts?.isMembersOnly == true)
        try harness.answer("query", result: info("muc_unsecured"))
        #expect(harness.facts?.isLocked == false)
    }

    // MARK: Captions

    @Test func captionsAreRead() throws {
        func caption(_ json: String) throws -> Caption? { Caption(try JSONReader.parse(json)) }
        let interim = try #require(
            try caption(
                """
                {"type":"transcription-result","message_id":"m1","language":"fr-FR","is_interim":true,"stability":0.4,\
                "participant":{"id":"5e6f7a8b","name":"Zo\\u202eé"},"transcript":[{"text":"Bon\\njour"},{"text":"x"}]}
                """))
        #expect(interim.id == "m1" && interim.speaker == "5e6f7a8b" && interim.name == "Zoé")
        #expect(interim.text == "Bon jour" && interim.language == "fr")
        #expect(interim.isInterim && !interim.isTranslation)
        #expect(interim.said(by: "Zoé M.").name == "Zoé M.")
        #expect(interim.said(by: "").name == "Zoé")
        let translation = try #require(
            try caption(#"{"type":"translation-result","text":"Good day","language":"en_GB","message_id":7}"#))
        #expect(translation.isTranslation && !translation.isInterim && translation.language == "en")
        #expect(translation.id.isEmpty && translation.speaker.isEmpty && translation.name.isEmpty)
        for wrong in [
            "{}", "3", #"{"type":"transcription-result"}"#, #"{"type":"transcription-result","transcript":[]}"#,
            #"{"type":"transcription-result","transcript":[{"text":1}]}"#, #"{"type":"translation-result"}"#,
            #"{"type":"chat","text":"x"}"#,
        ] {
            #expect(try caption(wrong) == nil, "\(wrong)")
        }
    }

    @Test func captionsComeFromTheTranscriberAndTheRoomAlone() throws {
        var harness = try joined()
        try harness.presence("tr", jid: "jigasi@\(Self.hidden)/x")
        func message(_ from: String, _ more: String = "") -> String {
            let json = #"{"type":"transcription-result","message_id":"m","transcript":[{"text":"Oui"}]}"#
            return "<message xmlns='jabber:client' type='groupchat' from='\(RoomHarness.roomJID)\(from)'>"
                + OfferFixtures.message(json) + more + "</message>"
        }
        try harness.receive(message("/tr"))
        #expect(harness.captions.map(\.text) == ["Oui"])
        try harness.receive(message(""))
        #expect(harness.captions.count == 2)
        try harness.receive(message("/5e6f7a8b"))
        try harness.receive(message("/nobody"))
        try harness.receive(message("/tr", "<delay xmlns='urn:xmpp:delay' stamp='2026-11-23T10:00:00Z'/>"))
        #expect(harness.captions.count == 2)
        #expect(harness.room.mayCaption("tr"))
        #expect(harness.room.mayCaption("transcriber"))
        #expect(!harness.room.mayCaption("5e6f7a8b"))
        try harness.presence("transcriber", jid: "evil@visio.example.org/x")
        #expect(!harness.room.mayCaption("transcriber"))
    }

    // MARK: The end, and another room

    @Test func whoIsKickedLearnsByWhomAndWhy() throws {
        func kicked(_ actor: String, _ reason: String) throws -> JitsiEvent? {
            var harness = try joined()
            try harness.receive(
                """
                <presence xmlns='jabber:client' type='unavailable' from='\(RoomHarness.roomJID)/a1b2c3d4'>\
                <x xmlns='http://jabber.org/protocol/muc#user'><item role='none'><actor nick='\(actor)'/>\
                <reason>\(reason)</reason></item><status code='307'/><status code='110'/></x></presence>
                """)
            return harness.events.last
        }
        #expect(try kicked("5e6f7a8b", "Trop de bruit") == .kicked(by: "Zoé", reason: "Trop de bruit"))
        #expect(try kicked("focus", "You have been kicked.") == .kicked(by: "", reason: ""))
    }

    private func destroyed(_ harness: inout RoomHarness, venue: String) throws {
        try harness.receive(
            """
            <presence xmlns='jabber:client' type='unavailable' from='\(harness.room.roomJID)/a1b2c3d4'>\
            <x xmlns='http://jabber.org/protocol/muc#user'><destroy\(venue)><reason>fin</reason></destroy></x></presence>
            """)
    }

    @Test func theSameRoomMadeAnewIsFollowedAndNoOther() throws {
        var renewed = try joined()
        try destroyed(&renewed, venue: " jid='\(RoomHarness.roomJID)'")
        try renewed.skip()
        try renewed.answerConference()
        #expect(renewed.joins.last?["to"] == RoomHarness.roomJID + "/a1b2c3d4")

        for venue in ["Autre@conference.visio.example.org", "autre@evil.example.org"] {
            var elsewhere = try joined()
            try destroyed(&elsewhere, venue: " jid='\(venue)'")
            #expect(elsewhere.events.contains(.moveProposed(to: "autre")), "only a press leads there")
            #expect(elsewhere.events.last == .destroyed(reason: "fin"))
            #expect(elsewhere.room.phase == .ended)
        }
    }

    @Test func aBreakoutRoomIsEnteredAndLeftAgain() throws {
        var harness = try joined()
        try harness.knowComponents()
        let group = "0f1e@breakout.visio.example.org"
        func breakout(_ json: String, from: String = "breakout.visio.example.org") -> String {
            RoomHarness.componentMessage(from, #"{"type":"breakout_rooms",\#(json)}"#)
        }
        func move(_ jid: String) -> String {
            breakout(#""event":"features/breakout-rooms/move-to-room","roomJid":"\#(jid)""#)
        }
        try harness.receive(
            breakout(
                #""event":"features/breakout-rooms/update","rooms":{"a":{"jid":"\#(group)","name":"Groupe 1"},"b":{"jid":3}}"#
            ))
        try harness.receive(move("x@evil.example.org"))
        try harness.receive(move(RoomHarness.roomJID))
        #expect(harness.room.phase == .joined)
        try harness.receive(move(group))
        #expect(harness.events.contains(.moving(to: "Groupe 1")))
        #expect(harness.sent.last { $0["type"] == "unavailable" }?.child("status")?.text == "switch_room")
        #expect(harness.room.participants.isEmpty)
        #expect(harness.queries.last?.stanza.child("conference")?["room"] == group)
        // The goodbye of the room that was left is nobody's business any more.
        try harness.presence("a1b2c3d4", role: "none", status: [110], type: "unavailable")
        try harness.answerConference()
        #expect(harness.joins.last?["to"] == group + "/a1b2c3d4")
        try harness.receive(
            """
            <presence xmlns='jabber:client' from='\(group)/a1b2c3d4'><x xmlns='http://jabber.org/protocol/muc#user'>\
            <item role='participant' affiliation='none'/><status code='110'/></x></presence>
            """)
        #expect(harness.room.phase == .joined)
        #expect(harness.room.isElsewhere)

        // The group is closed: back to where everybody is.
        try destroyed(&harness, venue: " jid='\(RoomHarness.roomJID)'")
        try harness.answerConference()
        #expect(harness.joins.last?["to"] == RoomHarness.roomJID + "/a1b2c3d4")
        #expect(!harness.room.isElsewhere)
    }

    @Test(arguments: ["not-allowed", "service-unavailable"])
    func whoIsNotLetIntoAGroupGoesBackAtOnce(condition: String) throws {
        var harness = try joined()
        try harness.knowComponents()
        let group = "g@breakout.visio.example.org"
        // The order comes before the list that names the room.
        try harness.receive(Self.move(group))
        #expect(harness.room.phase == .joined)
        try harness.receive(Self.update(group))
        try harness.answerConference()
        #expect(harness.joins.last?["to"] == group + "/a1b2c3d4")
        try harness.receive(
            """
            <presence xmlns='jabber:client' type='error' from='\(group)/a1b2c3d4'>\
            <error type='cancel'><\(condition) xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>
            """)
        #expect(!harness.events.contains { if case .failed = $0 { true } else { false } })
        try harness.answerConference()
        #expect(harness.joins.last?["to"] == RoomHarness.roomJID + "/a1b2c3d4")
    }

    @Test(arguments: ["g@breakout.visio.example.org", "autre@conference.visio.example.org", "x@evil.example.org"])
    func aRoomThatTheMeetingDoesNotHaveIsNotEntered(room: String) throws {
        var harness = try joined()
        try harness.knowComponents()
        try harness.receive(Self.update("h@breakout.visio.example.org"))
        try harness.receive(Self.move(room))
        harness.wait(.seconds(3))
        #expect(harness.room.phase == .joined)
        #expect(harness.events.last == .moveProposed(to: String(room.prefix { $0 != "@" })))
        #expect(!harness.sent.contains { $0["type"] == "unavailable" })
    }

    private static func move(_ room: String) -> String {
        RoomHarness.componentMessage(
            "breakout.visio.example.org",
            #"{"type":"breakout_rooms","event":"features/breakout-rooms/move-to-room","roomJid":"\#(room)"}"#)
    }

    private static func update(_ room: String) -> String {
        RoomHarness.componentMessage(
            "breakout.visio.example.org",
            #"{"type":"breakout_rooms","event":"features/breakout-rooms/update","rooms":{"a":{"jid":"\#(room)"}}}"#)
    }

    @Test func visitorsAreCounted() throws {
        var harness = try joined()
        func count(_ text: String) -> String {
            """
            <conference-properties xmlns='http://jitsi.org/protocol/focus'>\
            <property key='visitor-count' value='\(text)'/></conference-properties>
            """
        }
        try focus(&harness, count("12"))
        #expect(harness.facts?.visitorCount == 12)
        try focus(&harness, count("-3"))
        #expect(harness.facts?.visitorCount == 0)
        try harness.presence("5e6f7a8b", children: count("9"))
        #expect(harness.facts?.visitorCount == 0)
    }
}

extension RoomHarness {
    /// The facts told last.
    var facts: MeetingFacts? {
        events.reversed().lazy.compactMap { if case .facts(let facts) = $0 { facts } else { nil } }.first
    }

    var captions: [Caption] {
        events.compactMap { if case .caption(let caption) = $0 { caption } else { nil } }
    }

    /// The server names its components.
    mutating func knowComponents() throws {
        let components = ["room_metadata": "metadata", "breakout_rooms": "breakout"]
        queries.removeAll { $0.stanza["to"] == Self.roomJID }
        try answer(
            "query",
            result: "<query xmlns='http://jabber.org/protocol/disco#info'>"
                + components.map {
                    "<identity category='component' type='\($0.key)' name='\($0.value).visio.example.org'/>"
                }.joined() + "</query>")
    }

    static func componentMessage(_ from: String, _ json: String) -> String {
        "<message xmlns='jabber:client' from='\(from)'>\(OfferFixtures.message(json))</message>"
    }
}

import Basis
import Testing

@testable import Jitsi

struct EnteringTests {
    @Test func joinsAfterTheConferenceRequest() throws {
        var harness = try RoomHarness()
        harness.start()
        #expect(
            harness.queries.map { $0.stanza["to"] } == [
                "visio.example.org", "visio.example.org", "focus.visio.example.org",
            ])
        let conference = harness.queries.last?.stanza.child("conference")
        #expect(conference?["room"] == RoomHarness.roomJID)
        #expect(conference?["machine-uid"] == "0f3c")
        try harness.answerConference()
        let join = try #require(harness.joins.last)
        #expect(join["to"] == RoomHarness.roomJID + "/a1b2c3d4")
        let muc = try #require(join.child("x", namespace: "http://jabber.org/protocol/muc"))
        #expect(muc.child("password") == nil)
        #expect(muc.child("history")?["maxstanzas"] == "0", "nobody asks for what was said before")
        expectComplete(join, nick: "a1b2c3d4")
        try harness.presence("5e6f7a8b", jid: "x@visio.example.org/x", children: RoomHarness.peerExtensions)
        try harness.enter()
        #expect(harness.events.contains(.joined))
        #expect(
            harness.room.participants == [
                ParticipantInfo(id: "5e6f7a8b", name: "Zoé", audioMuted: false, videoMuted: true)
            ])
        #expect(harness.queries.contains { $0.stanza["to"] == RoomHarness.roomJID })
    }

    @Test func waitsLongerEachTimeTheFocusIsNotReady() throws {
        var harness = try RoomHarness()
        harness.start()
        var delays: [Int64] = []
        for _ in 0..<9 {
            try harness.answerConference(ready: false)
            let instant = try #require(harness.room.soonest.instant)
            delays.append((instant - harness.now).wholeMilliseconds / 1000)
            try harness.skip()
        }
        #expect(delays == [1, 2, 4, 8, 16, 32, 64, 120, 120])
        try harness.answerConference()
        #expect(harness.joins.count == 1)
    }

    @Test func requestErrorsAreToldApart() throws {
        func outcome(_ condition: String, _ children: [XMLElement] = []) throws -> JitsiEvent? {
            var harness = try RoomHarness()
            harness.start()
            try harness.answer(
                "conference", .error(condition: condition, type: "cancel", text: "t", children: children))
            return harness.events.last
        }
        #expect(try outcome("not-authorized") == .waitingForHost)
        #expect(try outcome("bad-request") == .failed(.badRequest))
        let reservation = XMLElement("reservation-error", namespace: "http://jitsi.org/protocol/focus")
        #expect(try outcome("undefined-condition", [reservation]) == .failed(.reservation("t")))
        #expect(try outcome("item-not-found") == .retrying(.focusUnavailable, after: .seconds(1)))
    }

    @Test func requestsOverHTTPWhenConfigured() throws {
        var harness = try RoomHarness(config: "config.conferenceRequestUrl = 'https://visio.example.org/cr/v1'")
        harness.start()
        let post = try #require(harness.posts.first)
        #expect(post.json.contains(#""machineUid":"0f3c""#))
        harness.room.httpAnswer(
            status: 200, body: Array(#"{"ready":true,"focusJid":"focus@auth.visio.example.org"}"#.utf8),
            to: post.token, at: harness.now)
        harness.drain()
        #expect(harness.events.contains(.joining))
        #expect(harness.joins.count == 1)
    }

    @Test func asksForThePasswordAndTriesAgain() throws {
        var harness = try RoomHarness()
        harness.start()
        try harness.answerConference()
        try harness.joinError("not-authorized")
        #expect(harness.events.last == .passwordRequired(wrong: false))
        harness.room.provide(password: Redacted("s3cret"), at: harness.now)
        harness.drain()
        try harness.answerConference()
        #expect(harness.joins.last?.child("x")?.child("password")?.text == "s3cret")
        try harness.joinError("not-authorized")
        #expect(harness.events.last == .passwordRequired(wrong: true))
    }

    @Test(arguments: [true, false])
    func entersThroughTheLobbyWhenInvited(nested: Bool) throws {
        var harness = try RoomHarness()
        harness.start()
        try harness.answerConference()
        let lobby = "conseil@lobby.visio.example.org"
        try harness.joinError(
            "registration-required",
            extra: "<lobbyroom\(nested ? " xmlns='http://jitsi.org/jitmeet'" : "")>\(lobby)</lobbyroom>")
        #expect(harness.events.last == .lobby(jid: lobby, waitingForHost: false))
        let knock = try #require(harness.joins.last)
        #expect(knock["to"] == lobby + "/a1b2c3d4")
        #expect(knock.child("nick")?.text == "Salle du conseil")
        #expect(knock.child("SourceInfo") == nil)
        let requests = harness.queries.filter { $0.stanza.child("conference") != nil }.count
        #expect(requests == 0)
        try harness.receive(
            """
            <message xmlns='jabber:client' from='\(RoomHarness.roomJID)'><x \
            xmlns='http://jabber.org/protocol/muc#user'><invite from='m'/><password>pw</password></x></message>
            """)
        try harness.answerConference()
        #expect(harness.joins.last?["to"] == RoomHarness.roomJID + "/a1b2c3d4")
        #expect(harness.joins.last?.child("x")?.child("password")?.text == "pw")
        try harness.enter()
        #expect(harness.events.contains(.joined))
        #expect(harness.sent.contains { $0["type"] == "unavailable" && $0["to"] == lobby + "/a1b2c3d4" })
    }

    @Test func lobbyEndsAreToldApart() throws {
        func outcome(_ detail: String) throws -> (JitsiEvent?, JitsiRoom.Phase) {
            var harness = try RoomHarness()
            harness.start()
            try harness.answerConference()
            try harness.joinError("registration-required", extra: "<lobbyroom>l@lobby.visio.example.org</lobbyroom>")
            try harness.receive(
                """
                <presence xmlns='jabber:client' type='unavailable' from='l@lobby.visio.example.org/a1b2c3d4'>\
                <x xmlns='http://jabber.org/protocol/muc#user'>\(detail)</x></presence>
                """)
            return (harness.events.last, harness.room.phase)
        }
        #expect(try outcome("<status code='307'/>").0 == .failed(.lobbyDenied))
        #expect(try outcome("<destroy jid='\(RoomHarness.roomJID)'/>").1 == .requesting)
        #expect(try outcome("<destroy><reason>fin</reason></destroy>").0 == .destroyed(reason: "fin"))
    }

    @Test func joinErrorsAreToldApart() throws {
        func outcome(_ condition: String, _ text: String = "") throws -> JitsiEvent? {
            var harness = try RoomHarness()
            harness.start()
            try harness.answerConference()
            try harness.joinError(condition, text: text)
            return harness.events.last
        }
        #expect(try outcome("forbidden") == .failed(.banned))
        #expect(try outcome("not-allowed", "Room and token mismatched") == .failed(.tokenMismatch))
        #expect(try outcome("not-allowed", "Invalid resource") == .failed(.notAllowed("Invalid resource")))
        #expect(try outcome("not-acceptable") == .failed(.displayNameRequired))
        #expect(try outcome("conflict") == .failed(.nickConflict))
        guard case .retrying(.roomFull, _)? = try outcome("service-unavailable") else {
            Issue.record("room full is no failure")
            return
        }
    }

    @Test func restrictedRoomIsTriedThreeTimes() throws {
        var harness = try RoomHarness()
        harness.start()
        for _ in 0..<3 {
            try harness.answerConference()
            try harness.joinError("not-allowed", text: "Room creation is restricted")
            try harness.skip()
        }
        try harness.answerConference()
        try harness.joinError("not-allowed", text: "Room creation is restricted")
        #expect(harness.events.last == .failed(.notAllowed("Room creation is restricted")))
        #expect(harness.joins.count == 4)
    }

    @Test func anAccountTakesAnotherNickOnConflict() throws {
        var harness = try RoomHarness(isAnonymous: false)
        let first = harness.room.occupantID
        #expect(first.utf8.count == 8)
        harness.start()
        try harness.answerConference()
        try harness.joinError("conflict")
        try harness.answerConference()
        #expect(harness.room.occupantID != first)
        #expect(harness.joins.last?["to"] == RoomHarness.roomJID + "/" + harness.room.occupantID)
    }

    @Test func externalServicesAreAskedForInTheOldNamespaceToo() throws {
        var harness = try RoomHarness()
        harness.start()
        try harness.answer("services", .error(condition: "service-unavailable", type: "cancel", text: "", children: []))
        #expect(harness.queries.last?.stanza.elements.first?.namespace == "urn:xmpp:extdisco:1")
        try harness.answer(
            "services",
            result: """
                <services xmlns='urn:xmpp:extdisco:1'><service type='turn' host='t.example' port='3478' transport='udp' \
                username='u' password='p'/><service type='odd' host='x'/></services>
                """)
        #expect(
            harness.events == [
                .externalServices([
                    ExternalService(
                        type: "turn", host: "t.example", port: 3478, transport: "udp", username: Redacted("u"),
                        password: Redacted("p"))
                ])
            ])
    }

    @Test func leavesAndIsDoneAfterFiveSecondsAtMost() throws {
        var harness = try RoomHarness.joined()
        harness.room.leave(at: harness.now)
        harness.drain()
        #expect(harness.sent.last?["type"] == "unavailable")
        #expect(!harness.events.contains(.left))
        harness.wait(.seconds(5))
        #expect(harness.events.last == .left)
        #expect(harness.room.soonest.instant == nil)
    }
}

/// Everything that a presence must hold, whatever changed.
func expectComplete(_ presence: XMLElement, nick: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let expected = [
        ("c", "http://jabber.org/protocol/caps"), ("nick", "http://jabber.org/protocol/nick"),
        ("stats-id", "jabber:client"), ("jitsi_participant_codecList", "jabber:client"),
        ("jitsi_participant_codecType", "jabber:client"), ("SourceInfo", "jabber:client"),
        ("audiomuted", "jabber:client"), ("videomuted", "jabber:client"),
    ]
    for (name, namespace) in expected {
        #expect(presence.child(name, namespace: namespace) != nil, "\(name)", sourceLocation: sourceLocation)
    }
    let info = try? JSONReader.parse(presence.child("SourceInfo")?.text ?? "")
    for (source, element) in [("-a0", "audiomuted"), ("-v0", "videomuted")] {
        let muted = info?[nick + source]?["muted"]?.bool
        #expect(muted.map { String($0) } == presence.child(element)?.text, sourceLocation: sourceLocation)
    }
}

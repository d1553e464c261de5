import Basis
import RTP
import Testing

@testable import Practice

@Suite struct PracticeRoomTests {
    @Test(arguments: [true, false])
    func joinIsAnsweredWithRosterAndOffer(json: Bool) throws {
        let world = try PracticeWorld(PracticeOptions(jsonSources: json))
        let client = try world.enter { $0.accepts = false }
        #expect(client.isJoined)
        #expect(
            client.presences(of: "focus").first?.child("x")?.child("item")?["jid"]
                == "focus@auth.practice.invalid/focus")
        let names = world.conference.partnerIDs.compactMap { client.presences(of: $0).first?.child("nick")?.text }
        #expect(names == ["Camille", "Idris"])
        let order = client.stanzas.filter { $0.name == "presence" }.map { $0["from"] ?? "" }
        #expect(order.last == client.room + "/" + client.nick)
        #expect(client.stanzas.contains { $0.name == "message" && $0.child("subject") != nil })
        let offer = try #require(client.offer)
        #expect(offer.children("content").map { $0["name"] } == ["audio", "video", "data"])
        #expect((offer.child("json-message") != nil) == json)
        #expect(client.sources.count == 4)
        #expect(client.sources.filter { $0.kind == .video }.allSatisfy { $0.rtx != nil })
        #expect(Set(client.sources.map(\.owner)) == Set(world.conference.partnerIDs))
        #expect(world.conference.observations().first?.features == client.features)
    }

    @Test func offersTheChannelAskedFor() throws {
        for channel in PracticeOptions.Channel.allCases {
            let world = try PracticeWorld(PracticeOptions(channel: channel))
            let client = try world.enter { $0.accepts = false }
            let contents = try #require(client.offer).children("content")
            #expect(contents.contains { $0["name"] == "data" } == (channel != .webSocket))
            let url = contents[0].child("transport")?.child("web-socket")?["url"]
            #expect((url != nil) == (channel != .sctp))
            if let url {
                let path = String(url.dropFirst("ws://127.0.0.1:8000".count))
                #expect(world.conference.admission(path: path) == .bridgeChannel)
                #expect(world.conference.admission(path: path + "x") == .refused(status: 403))
            }
        }
    }

    @Test func silenceOnDiscoIsWaitedForTwoSeconds() throws {
        let world = try PracticeWorld()
        let client = try world.enter { $0.answersDisco = false }
        world.run(.milliseconds(1_900))
        #expect(client.offers == 0)
        world.run(.milliseconds(200))
        #expect(client.offers == 1)
        #expect(client.offer?.child("json-message") == nil)
    }

    @Test func passwordIsAskedFor() throws {
        let world = try PracticeWorld(PracticeOptions(password: "s3cret"))
        let client = try world.enter()
        #expect(!client.isJoined)
        #expect(client.errors() == ["not-authorized"])
        client.password = "s3cret"
        client.join()
        world.settle()
        #expect(client.isJoined)
    }

    @Test func wrongNicksAndRoomsAreRefused() throws {
        let world = try PracticeWorld()
        let client = try world.enter()
        let other = try world.enter { $0.accepts = false }
        other.leave()
        world.settle()
        for nick in [client.nick, "focus", world.conference.partnerIDs[0], "a b", ""] {
            other.send(
                "<presence xmlns='jabber:client' to='\(other.room)/\(nick)'>"
                    + "<x xmlns='http://jabber.org/protocol/muc'/></presence>")
        }
        other.send(
            "<iq xmlns='jabber:client' type='set' id='x' to='focus.practice.invalid'>"
                + "<conference xmlns='http://jitsi.org/protocol/focus' room='a@b'/></iq>")
        world.settle()
        #expect(
            other.errors() == ["conflict", "conflict", "conflict", "not-allowed", "not-allowed", "item-not-found"])
    }

    @Test func serverAnswersQueries() throws {
        let world = try PracticeWorld()
        let client = try world.enter { $0.accepts = false }
        client.stanzas = []
        for (to, child) in [
            ("practice.invalid", "<ping xmlns='urn:xmpp:ping'/>"),
            ("practice.invalid", "<query xmlns='http://jabber.org/protocol/disco#info'/>"),
            ("practice.invalid", "<services xmlns='urn:xmpp:extdisco:2'/>"),
            (client.room, "<query xmlns='http://jabber.org/protocol/disco#info'/>"),
            ("practice.invalid", "<unknown xmlns='x'/>"),
        ] {
            client.send("<iq xmlns='jabber:client' type='get' id='q' to='\(to)'>\(child)</iq>")
        }
        client.send(
            "<message xmlns='jabber:client' type='groupchat' to='\(client.room)'><body>Bonjour</body></message>")
        world.settle()
        #expect(client.stanzas.map { $0["type"] } == ["result", "result", "result", "result", "error", "groupchat"])
        #expect(client.stanzas.last?["from"] == client.room + "/" + client.nick)
        #expect(client.stanzas.last?.child("body")?.text == "Bonjour")
    }

    @Test func acceptIsValidated() throws {
        let world = try PracticeWorld()
        let taken = world.conference.partners[0].audioSSRC
        let client = try world.enter { $0.audioSSRC = taken }
        #expect(client.errors() == ["bad-request"])
        #expect(world.conference.observations().first?.hasAccepted == false)
        client.sendJingle("session-info", sid: "other")
        world.settle()
        #expect(client.errors().last == "item-not-found")
        #expect(client.stanzas.last?.child("error")?.child("unknown-session") != nil)
    }

    @Test func sourcesAreValidatedAsJicofoDoes() {
        func source(_ ssrc: UInt32, _ name: String, _ kind: RTP.MediaKind, msid: String? = "m") -> SignalledSource {
            SignalledSource(ssrc: ssrc, name: name, kind: kind, msid: msid)
        }
        let own = SourceSet(sources: [source(1, "ab-a0", .audio, msid: "a")])
        let others = [SourceSet(sources: [source(9, "cd-v0", .video, msid: "other")])]
        func fault(_ sources: [SignalledSource], _ groups: [SourceGroup] = []) -> String? {
            SourceSet(sources: sources, groups: groups).fault(owner: "ab", own: own, others: others)
        }
        let pair = [source(2, "ab-v0", .video), source(3, "ab-v0", .video)]
        #expect(fault(pair, [SourceGroup(semantics: "FID", ssrcs: [2, 3])]) == nil)
        #expect(fault([source(0, "ab-a0", .audio)]) != nil)
        #expect(fault([source(1, "ab-a0", .audio)]) != nil)
        #expect(fault([source(9, "ab-a0", .audio)]) != nil)
        #expect(fault([source(2, "cd-v0", .video)]) != nil)
        #expect(fault([source(2, "ab-a0", .video)]) != nil)
        #expect(fault([source(2, "ab-v0", .video, msid: "other")]) != nil)
        #expect(fault(pair, [SourceGroup(semantics: "FID", ssrcs: [2])]) != nil)
        #expect(fault(pair, [SourceGroup(semantics: "FID", ssrcs: [2, 4])]) != nil)
        #expect(fault(pair, [SourceGroup(semantics: "SIM", ssrcs: [])]) != nil)
        #expect(
            fault(
                [source(2, "ab-v0", .video, msid: nil), source(3, "ab-v0", .video)],
                [SourceGroup(semantics: "FID", ssrcs: [2, 3])]) != nil)
        #expect(fault((2...22).map { source($0 + 100, "ab-v0", .video) }) != nil)
    }

    @Test func commandsAreSeenByClients() throws {
        let world = try PracticeWorld(PracticeOptions(channel: .webSocket))
        let client = try world.enter()
        world.run(.milliseconds(800))
        let camille = world.conference.partnerIDs[0]
        world.conference.setPartner(named: "Camille", audioMuted: true, videoMuted: true, at: world.now)
        world.settle()
        let info = client.presences(of: camille).last?.child("SourceInfo")?.text ?? ""
        #expect(try JSONReader.parse(info)[camille + "-v0"]?["muted"]?.bool == true)
        client.wantVideo(height: 360, at: world.now)
        world.settle()
        #expect(world.conference.observations().first?.forwardedSources == [world.conference.partners[1].videoName])

        world.conference.mute(.audio, of: client.nick, at: world.now)
        world.settle()
        #expect(client.stanzas.last?.child("mute", namespace: "http://jitsi.org/jitmeet/audio")?.text == "true")
        client.sendPresence(audioMuted: true)
        world.settle()
        #expect(world.conference.observations().first?.audioMuted == true)
        #expect(world.conference.observations().first?.name == "Salle")

        world.conference.addPartner(PracticePartner(name: "Awa", colour: .violet, tone: 660), at: world.now)
        world.conference.removePartner(named: "Idris", at: world.now)
        world.settle()
        #expect(client.sources.contains { $0.owner == world.conference.partnerIDs.last })
        #expect(client.stanzas.contains { $0["type"] == "unavailable" })

        world.conference.terminate(client.nick, reinvites: true, at: world.now)
        world.run(.seconds(1))
        #expect(client.offers == 2)
        #expect(client.closedSockets[client.channelSocket] == 1001)
        #expect(world.conference.observations().first?.isSecured == true)

        world.conference.kick(client.nick, at: world.now)
        world.settle()
        let statuses = client.presences(of: client.nick).last?.child("x")?.children("status").map { $0["code"] }
        #expect(statuses == ["307", "110"])
        #expect(world.conference.observations().isEmpty)
    }

    @Test func restartIsAnsweredWithANewOffer() throws {
        let world = try PracticeWorld()
        let client = try world.enter()
        world.run(.milliseconds(500))
        let sid = client.offer?["sid"]
        client.media = nil
        client.sendJingle(
            "session-terminate",
            "<reason><connectivity-error/></reason>"
                + "<bridge-session xmlns='http://jitsi.org/protocol/focus' id='x' restart='true'/>")
        world.run(.milliseconds(800))
        #expect(client.offers == 2)
        #expect(client.offer?["sid"] != sid)
        #expect(client.isSecured)
    }

    @Test func aloneTheSessionExpires() throws {
        let world = try PracticeWorld()
        let client = try world.enter()
        world.run(.milliseconds(500))
        for name in ["Camille", "Idris"] { world.conference.removePartner(named: name, at: world.now) }
        world.run(.seconds(19))
        #expect(world.conference.observations().first?.hasAccepted == true)
        world.run(.seconds(2))
        #expect(world.conference.observations().first?.hasAccepted == false)
        #expect(client.stanzas.contains { $0.child("jingle")?["action"] == "session-terminate" })
        world.conference.addPartner(PracticePartner.usual[0], at: world.now)
        world.run(.seconds(1))
        #expect(client.offers == 2)
    }

    @Test func garbageNeverTraps() throws {
        var random = RandomSource(seed: 77)
        let world = try PracticeWorld(PracticeOptions(channel: .webSocket))
        let client = try world.enter()
        world.run(.milliseconds(800))
        client.wantVideo(height: 360, at: world.now)
        world.run(.milliseconds(200))
        for _ in 0..<2_000 {
            var bytes = random.bytes(Int.random(in: 0..<200, using: &random))
            if let first = [0, 1, 22, 128, 129, 255].randomElement(using: &random), !bytes.isEmpty {
                bytes[0] = UInt8(first)
            }
            let remote =
                Bool.random(using: &random)
                ? client.address : TransportAddress(.v4(random.next() >> 33 == 0 ? 1 : 2), port: 9)
            world.conference.receive(&bytes, from: remote, at: world.now)
        }
        let messages = [
            #"{"colibriClass":"ReceiverVideoConstraints","lastN":-1,"defaultConstraints":{"maxHeight":180},"constraints":{"a":{"maxHeight":-9007199254740991}}}"#,
            #"{"colibriClass":"EndpointMessage","to":"","msgPayload":{"type":"e2e-ping-request","id":1}}"#,
            #"{"colibriClass":"LastNChangedEvent","lastN":9007199254740991}"#,
        ]
        for _ in 0..<2_000 {
            var text = Array((messages.randomElement(using: &random) ?? "").utf8)
            text[Int.random(in: 0..<text.count, using: &random)] = UInt8.random(in: 32...126, using: &random)
            world.conference.socketReceived(
                client.channelSocket, text: String(decoding: text, as: UTF8.self), at: world.now)
        }
        let stanzas = [
            "<iq xmlns='jabber:client' type='set' id='a' to='\(client.room)/focus'><jingle xmlns='urn:xmpp:jingle:1' "
                + "action='source-add' sid='\(client.offer?["sid"] ?? "")'><content name='video'><description><source "
                + "ssrc='4294967295'/><ssrc-group semantics='FID'/></description></content></jingle></iq>",
            "<presence xmlns='jabber:client' to='\(client.room)/\(client.nick)'><SourceInfo>{</SourceInfo></presence>",
            "<iq xmlns='jabber:client' type='set' id='a' to='\(client.room)/focus'>"
                + "<mute xmlns='http://jitsi.org/jitmeet/audio' jid='x'>true</mute></iq>",
            "<message xmlns='jabber:client' type='groupchat' to='\(client.room)'/>",
        ]
        for index in 0..<2_000 {
            let socket = 10_000 + index
            var text = Array((stanzas.randomElement(using: &random) ?? "").utf8)
            text[Int.random(in: 0..<text.count, using: &random)] = UInt8.random(in: 32...126, using: &random)
            let mutated = String(decoding: text, as: UTF8.self)
            world.conference.socketReceived(client.socket, text: mutated, at: world.now)
            _ = world.conference.socketOpened(socket, path: mutated, at: world.now)
            _ = world.conference.socketOpened(socket, path: "/xmpp-websocket", at: world.now)
            world.conference.socketReceived(socket, text: mutated, at: world.now)
            world.conference.socketClosed(socket, at: world.now)
            while world.conference.poll() != nil {}
        }
        world.run(.seconds(1))
        #expect(world.conference.clients.count <= 1)
    }
}

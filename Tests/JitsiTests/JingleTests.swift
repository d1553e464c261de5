import Basis
import Testing

@testable import Jitsi

struct JingleTests {
    private func withOffer(_ offer: String = OfferFixtures.xml) throws -> RoomHarness {
        var harness = try RoomHarness.joined()
        try harness.jingle("session-initiate", offer)
        return harness
    }

    @Test func readsSourcesInXML() throws {
        let harness = try withOffer()
        #expect(harness.lastReply?["type"] == "result")
        #expect(harness.lastReply?["id"] == "j1")
        let offer = try #require(harness.offers.first)
        #expect(
            offer.sources == [
                RemoteSource(name: "5e6f7a8b-a0", owner: "5e6f7a8b", kind: .audio, ssrc: 3001),
                RemoteSource(
                    name: "5e6f7a8b-v0", owner: "5e6f7a8b", kind: .video, ssrc: 4001, rtxSSRC: 4002, videoType: .camera),
            ])
        #expect(offer.bridgeSSRCs == [1_500_000_001])
        #expect(
            offer.candidates.map(\.address.description) == [
                "192.0.2.10:10000", "[2001:db8::10]:10000", "203.0.113.7:10000",
            ])
        #expect(offer.candidates.last?.relatedAddress?.description == "192.0.2.10:10000")
        #expect(offer.fingerprints.first?.bytes == [0xC4, 0x1D, 0x0E, 0x7E])
        #expect(offer.sctpPort == 5000)
        #expect(offer.videoPayloadTypes.map(\.id) == [101, 97])
        #expect(offer.videoPayloadTypes.last?.associatedPayloadType == 101)
        #expect(offer.videoExtensions == [HeaderExtension(id: 9, uri: "tcc")])
        #expect(offer.webSocketURLs.count == 1)
        #expect(offer.bridgeSessionID == "1f2e3d")
    }

    @Test func readsSourcesInJSON() throws {
        let offer = try #require(try withOffer(OfferFixtures.json).offers.first)
        #expect(offer.sources.map(\.name) == ["5e6f7a8b-v0", "5e6f7a8b-v1", "5e6f7a8b-a0"])
        #expect(offer.sources.map(\.ssrc) == [4001, 4101, 3001])
        #expect(offer.sources.map(\.videoType) == [.camera, .desktop, nil])
        #expect(offer.sources.first?.rtxSSRC == 4002)
        #expect(offer.bridgeSSRCs.sorted() == [1_500_000_001, 1_500_000_002])
    }

    @Test func simulcastShowsAsItsFirstSource() throws {
        let sources = OfferFixtures.message(
            #"{"sources":{"e":[[{"s":1},{"s":2},{"s":3},{"s":11},{"s":12},{"s":13}],[["s",1,2,3],["f",1,11],["f",2,12],["f",3,13]]]}}"#
        )
        let offer = try #require(try withOffer(OfferFixtures.contents() + sources).offers.first)
        #expect(
            offer.sources == [
                RemoteSource(name: "e-v0", owner: "e", kind: .video, ssrc: 1, rtxSSRC: 11, videoType: .camera)
            ])
    }

    @Test func sourcesComeAndGoInBothForms() throws {
        var harness = try withOffer()
        let audio = OfferFixtures.xmlSource(5001, "77aa88bb-a0", owner: "77aa88bb")
        let content = """
            <content name='audio'><description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'>\(audio)\
            </description></content>
            """
        let added = RemoteSource(name: "77aa88bb-a0", owner: "77aa88bb", kind: .audio, ssrc: 5001)
        try harness.jingle("source-add", content)
        #expect(harness.events.last == .sourcesAdded([added]))
        try harness.jingle("source-add", content)
        #expect(harness.events.filter { $0 == .sourcesAdded([added]) }.count == 1)
        try harness.jingle(
            "source-remove", OfferFixtures.message(#"{"sources":{"77aa88bb":[[],[],[{"s":5001}]]}}"#))
        #expect(harness.events.last == .sourcesRemoved([added]))
        try harness.jingle(
            "source-add", OfferFixtures.message(#"{"sources":{"77aa88bb":[[],[],[{"s":5001,"n":"77aa88bb-a0"}]]}}"#))
        #expect(harness.events.last == .sourcesAdded([added]))
        try harness.jingle("source-remove", content)
        #expect(harness.events.last == .sourcesRemoved([added]))
    }

    @Test func sourcesGoWithTheirOwner() throws {
        var harness = try withOffer()
        try harness.presence("5e6f7a8b", type: "unavailable")
        let removed = harness.events.compactMap { if case .sourcesRemoved(let list) = $0 { list } else { nil } }
        #expect(removed.first?.map(\.ssrc) == [3001, 4001])
        #expect(harness.room.participants.isEmpty)
    }

    @Test func directSessionsAreDeclined() throws {
        var harness = try withOffer()
        try harness.jingle("session-initiate", sid: "p2p", from: "5e6f7a8b", OfferFixtures.contents())
        #expect(harness.lastReply?["type"] == "result")
        #expect(harness.offers.count == 1)
        let terminate = try #require(harness.queries.last?.stanza)
        #expect(terminate["to"] == RoomHarness.roomJID + "/5e6f7a8b")
        #expect(terminate.child("jingle")?["action"] == "session-terminate")
        #expect(terminate.child("jingle")?["sid"] == "p2p")
        #expect(terminate.child("jingle")?.child("reason")?.child("decline") != nil)
        try harness.jingle("session-terminate", from: "5e6f7a8b")
        #expect(harness.errorCondition == "item-not-found")
        #expect(!harness.events.contains { if case .mediaEnded = $0 { true } else { false } })
    }

    @Test func unknownSessionsAndActionsAreRefused() throws {
        var harness = try withOffer()
        try harness.jingle("source-add", sid: "other", OfferFixtures.contents())
        #expect(harness.errorCondition == "item-not-found")
        #expect(harness.lastReply?.child("error")?.child("unknown-session") != nil)
        try harness.jingle("transport-replace")
        #expect(harness.errorCondition == "feature-not-implemented")
        try harness.jingle("session-info")
        #expect(harness.lastReply?["type"] == "result")
    }

    @Test func theAnswerFollowsTheRulesOfJicofo() throws {
        var harness = try withOffer()
        harness.room.accept("s1", answer: OfferFixtures.answer(), at: harness.now)
        harness.drain()
        let jingle = try #require(harness.queries.last?.stanza.child("jingle"))
        #expect(jingle["action"] == "session-accept")
        #expect(jingle["responder"] == RoomHarness.us)
        #expect(jingle.child("group")?.children("content").compactMap { $0["name"] } == ["audio", "video", "data"])
        let contents = jingle.children("content")
        #expect(contents.compactMap { $0["name"] } == ["audio", "video", "data"])
        let sources = contents.flatMap { $0.child("description")?.children("source") ?? [] }
        #expect(sources.compactMap { $0["name"] } == ["a1b2c3d4-a0", "a1b2c3d4-v0", "a1b2c3d4-v0"])
        #expect(Set(sources.compactMap { $0["ssrc"] }).count == 3)
        let msids = sources.compactMap { $0.child("parameter")?["value"] }
        #expect(msids.count == 3 && msids[1] == msids[2] && msids[0] != msids[1])
        let group = contents[1].child("description")?.child("ssrc-group")
        #expect(group?["semantics"] == "FID")
        #expect(group?.children("source").compactMap { $0["ssrc"] } == sources.dropFirst().compactMap { $0["ssrc"] })
        for content in contents {
            let transport = try #require(content.child("transport"))
            #expect(transport.child("fingerprint")?.text == "0A:1B:FF")
            #expect(transport.child("fingerprint")?["setup"] == "active")
            #expect(transport.children("candidate").compactMap { $0["ip"] } == ["10.1.2.3"])
        }
        #expect(contents[2].child("transport")?.child("sctpmap")?["number"] == "5000")
        // Only once.
        let count = harness.queries.count
        harness.room.accept("s1", answer: OfferFixtures.answer(), at: harness.now)
        harness.drain()
        #expect(harness.queries.count == count)
    }

    @Test func aSimulcastIsOneSourceInThreeSizes() throws {
        var harness = try withOffer()
        var answer = OfferFixtures.answer()
        answer.higherVideoLayers = [.init(ssrc: 71, rtxSSRC: 81), .init(ssrc: 72, rtxSSRC: 82)]
        harness.room.accept("s1", answer: answer, at: harness.now)
        harness.drain()
        let jingle = try #require(harness.queries.compactMap { $0.stanza.child("jingle") }.last)
        let description = try #require(jingle.children("content").first { $0["name"] == "video" }?.child("description"))
        let sources = description.children("source")
        #expect(sources.count == 6)
        #expect(Set(sources.compactMap { $0["name"] }).count == 1)
        #expect(Set(sources.compactMap { $0.child("parameter")?["value"] }).count == 1)
        let groups = description.children("ssrc-group").map { group in
            (group["semantics"] ?? "", group.children("source").compactMap { $0["ssrc"] })
        }
        let (video, rtx) = (String(answer.videoSSRC ?? 0), String(answer.videoRTXSSRC ?? 0))
        #expect(groups.map(\.0) == ["SIM", "FID", "FID", "FID"])
        #expect(groups.map(\.1) == [[video, "71", "72"], [video, rtx], ["71", "81"], ["72", "82"]])
    }

    @Test func answersThatJicofoWouldRefuseAreNotSent() throws {
        func fault(_ answer: MediaAnswer) throws -> JitsiEvent? {
            var harness = try withOffer()
            harness.room.accept("s1", answer: answer, at: harness.now)
            harness.drain()
            #expect(!harness.queries.contains { $0.stanza.child("jingle") != nil })
            return harness.events.last
        }
        #expect(try fault(OfferFixtures.answer(audio: 0)) == .answerInvalid(.ssrcZero))
        #expect(try fault(OfferFixtures.answer(audio: 4002)) == .answerInvalid(.ssrcTaken(4002)))
        #expect(try fault(OfferFixtures.answer(audio: 5, video: 5)) == .answerInvalid(.ssrcRepeated(5)))
        #expect(try fault(OfferFixtures.answer(video: nil)) == .answerInvalid(.rtxWithoutVideo))
        var layered = OfferFixtures.answer()
        layered.higherVideoLayers = [.init(ssrc: 71, rtxSSRC: nil)]
        #expect(try fault(layered) == .answerInvalid(.unevenLayers))
        layered.higherVideoLayers = [.init(ssrc: 4002, rtxSSRC: 81)]
        #expect(try fault(layered) == .answerInvalid(.ssrcTaken(4002)))
        var passiveless = OfferFixtures.answer()
        passiveless.fingerprint = DTLSFingerprint(hash: "sha-256", value: "00", setup: "actpass")
        #expect(try fault(passiveless) == .answerInvalid(.setup("actpass")))
    }

    @Test func terminationKeepsTheRoomAndANewOfferFollows() throws {
        var harness = try withOffer()
        try harness.jingle("session-terminate", "<reason><success/><text>moving</text></reason>")
        #expect(harness.events.last == .mediaEnded(.terminated(reason: "success", text: "moving")))
        #expect(harness.room.phase == .joined)
        try harness.jingle("session-initiate", sid: "s2", OfferFixtures.json)
        #expect(harness.offers.map(\.sid) == ["s1", "s2"])
        try harness.jingle("session-initiate", sid: "s3", OfferFixtures.json)
        #expect(harness.events.contains(.mediaEnded(.replaced)))
        // An accept of an offer that is over is not sent.
        harness.room.accept("s1", answer: OfferFixtures.answer(), at: harness.now)
        harness.drain()
        #expect(!harness.queries.contains { $0.stanza.child("jingle") != nil })
    }

    @Test func generalErrorWithoutNewOfferLeadsToRejoin() throws {
        var harness = try withOffer()
        try harness.jingle("session-terminate", "<reason><general-error/></reason>")
        harness.wait(.seconds(30))
        guard case .retrying(.mediaSession, let delay)? = harness.events.last else {
            Issue.record("no rejoin")
            return
        }
        #expect(delay >= .seconds(10) && delay <= .seconds(30))
    }

    @Test func failuresOfMediaAreReportedWithinTheLimits() throws {
        var harness = try withOffer()
        for attempt in 0..<3 {
            let before = harness.queries.count
            harness.room.mediaFailed("ICE", at: harness.now)
            harness.drain()
            // The second and third come at once and have to wait for their five seconds.
            if attempt > 0 {
                #expect(harness.queries.count == before)
                harness.wait(.seconds(5))
            }
            let jingle = try #require(harness.queries.last?.stanza.child("jingle"))
            #expect(jingle["action"] == "session-terminate")
            #expect(jingle.child("bridge-session")?["restart"] == "true")
            #expect(jingle.child("bridge-session")?["id"] == "1f2e3d")
            #expect(harness.events.last == .mediaEnded(.restarting))
            try harness.jingle("session-initiate", sid: "r\(attempt)", OfferFixtures.json)
        }
        harness.room.mediaFailed("ICE", at: harness.now)
        harness.drain()
        #expect(harness.events.contains { if case .retrying(.mediaSession, _) = $0 { true } else { false } })
    }

    @Test func refusedAcceptsLeadToRejoin() throws {
        var harness = try withOffer()
        harness.room.accept("s1", answer: OfferFixtures.answer(), at: harness.now)
        harness.drain()
        try harness.jingle(
            "source-add", OfferFixtures.message(#"{"sources":{"77aa88bb":[[],[],[{"s":5001}]]}}"#))
        #expect(harness.events.contains { if case .sourcesAdded = $0 { true } else { false } })
        try harness.answer("jingle", .error(condition: "bad-request", type: "modify", text: "SSRC", children: []))
        #expect(harness.events.contains(.mediaEnded(.acceptRefused("SSRC"))))
        #expect(harness.sent.last?["type"] == "unavailable")
    }

    @Test func startMutedIsPublished() throws {
        var harness = try RoomHarness.joined()
        harness.now += .seconds(1)
        harness.room.setLocalMedia(LocalMedia(audioMuted: false, videoMuted: false), at: harness.now)
        let policy = "<startmuted xmlns='http://jitsi.org/jitmeet/start-muted' audio='true' video='false'/>"
        try harness.jingle("session-initiate", OfferFixtures.json + policy)
        harness.wait(.seconds(1))
        #expect(harness.offers.first?.startAudioMuted == true)
        #expect(harness.joins.last?.child("audiomuted")?.text == "true")
        #expect(harness.joins.last?.child("videomuted")?.text == "false")
    }

    @Test func offersWithoutTransportAreTerminated() throws {
        let harness = try withOffer("<content name='audio'/>")
        #expect(harness.offers.isEmpty)
        #expect(harness.queries.last?.stanza.child("jingle")?["action"] == "session-terminate")
    }

    @Test func aFloodOfDirectSessionsIsBounded() throws {
        var harness = try withOffer()
        for index in 0..<200 {
            try harness.jingle("session-initiate", sid: "p\(index)", from: "5e6f7a8b", id: "i\(index)")
        }
        #expect(harness.queries.filter { $0.stanza.child("jingle") != nil }.count == 16)
        #expect(harness.lastReply?["id"] == "i199")
    }

    @Test func sourcesAreBounded() throws {
        var harness = try withOffer()
        for batch in 0..<5 {
            let list = (0..<1000).map { "{\"s\":\(10_000 + batch * 1000 + $0)}" }.joined(separator: ",")
            try harness.jingle("source-add", OfferFixtures.message("{\"sources\":{\"e\":[[],[],[\(list)]]}}"))
        }
        #expect(harness.room.bridge.current?.sources.count == 2000)
    }
}

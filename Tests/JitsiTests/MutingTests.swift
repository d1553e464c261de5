import Basis
import Testing

@testable import Jitsi

/// Muted by others and back again: the lamp is always told what is the case.
struct MutingTests {
    private static let open = LocalMedia(audioMuted: false, videoMuted: false)

    private func muteIQ(_ kind: String = "audio", actor: String = "x") -> String {
        """
        <iq xmlns='jabber:client' type='set' id='m1' from='\(RoomHarness.roomJID)/focus'>\
        <mute xmlns='http://jitsi.org/jitmeet/\(kind)' actor='\(RoomHarness.roomJID)/\(actor)'>true</mute></iq>
        """
    }

    private func muted() throws -> RoomHarness {
        var harness = try RoomHarness.joined()
        harness.room.setLocalMedia(Self.open, at: harness.now)
        harness.drain()
        try harness.receive(muteIQ(actor: "5e6f7a8b"))
        return harness
    }

    private func press(_ harness: inout RoomHarness) {
        harness.room.setLocalMedia(Self.open, at: harness.now)
        harness.drain()
    }

    private func moderation(_ json: String) -> String {
        RoomHarness.componentMessage("avmoderation.visio.example.org", #"{"type":"av_moderation",\#(json)}"#)
    }

    private func knowModeration(_ harness: inout RoomHarness) throws {
        harness.queries.removeAll { $0.stanza["to"] == RoomHarness.roomJID }
        try harness.answer(
            "query",
            result: """
                <query xmlns='http://jabber.org/protocol/disco#info'><identity category='component' \
                type='av_moderation' name='avmoderation.visio.example.org'/></query>
                """)
    }

    @Test func whoMutesUsIsNamed() throws {
        #expect(try muted().events.last == .mutedByFocus(.audio, by: "Zoé"))
    }

    @Test(arguments: ["internal-server-error", "item-not-found"])
    func onlyNotAllowedIsARefusal(condition: String) throws {
        // Jicofo answers so to whoever is alone: there is no session that could be muted.
        var harness = try muted()
        press(&harness)
        #expect(harness.events.last == .unmuteRequested(.audio))
        try harness.answer("mute", .error(condition: condition, type: "wait", text: "", children: []))
        #expect(harness.events.last == .unmuted(.audio))
        #expect(!harness.room.effectiveMedia.audioMuted)
        #expect(!harness.events.contains(.unmuteRefused(.audio)))
    }

    @Test func refusedMeansMutedForEverybody() throws {
        var harness = try muted()
        press(&harness)
        try harness.answer("mute", .error(condition: "not-allowed", type: "cancel", text: "", children: []))
        #expect(harness.events.last == .unmuteRefused(.audio))
        #expect(harness.room.effectiveMedia.audioMuted)
    }

    @Test func mutedWhileUnmutingIsPendingIsSaid() throws {
        var harness = try muted()
        press(&harness)
        let count = harness.events.filter { $0 == .mutedByFocus(.audio, by: "Zoé") }.count
        try harness.receive(muteIQ(actor: "5e6f7a8b"))
        #expect(harness.events.filter { $0 == .mutedByFocus(.audio, by: "Zoé") }.count == count + 1)
        // The answer that was on its way no longer opens anything.
        try harness.answer("mute", result: "")
        #expect(harness.room.effectiveMedia.audioMuted)
        #expect(!harness.events.contains(.unmuted(.audio)))
    }

    @Test func aRequestThatIsLostWithTheRoomIsSaidWhenItIsEnteredAgain() throws {
        var harness = try muted()
        press(&harness)
        try harness.presence("a1b2c3d4", role: "none", status: [110], type: "unavailable")
        try harness.skip()
        try harness.answerConference()
        try harness.enter()
        #expect(harness.events.contains(.unmuteRefused(.audio)))
    }

    @Test func withoutAFocusNobodyKeepsUsMuted() throws {
        var harness = try muted()
        try harness.presence("focus", type: "unavailable")
        press(&harness)
        #expect(harness.events.last == .unmuted(.audio))
    }

    @Test func moderationIsToldWithItsActorAndItsSteps() throws {
        var harness = try RoomHarness.joined()
        try knowModeration(&harness)
        harness.room.setLocalMedia(Self.open, at: harness.now)
        harness.drain()
        let actor = #""actor":"\#(RoomHarness.roomJID)/5e6f7a8b""#
        try harness.receive(moderation(#""enabled":true,"mediaType":"audio",\#(actor)"#))
        #expect(harness.events.contains(.moderation(.audio, enabled: true, by: "Zoé")))
        #expect(harness.events.last == .mutedByFocus(.audio, by: "Zoé"))
        press(&harness)
        #expect(harness.events.last == .unmuteRefused(.audio))
        try harness.receive(moderation(#""approved":true,"mediaType":"audio""#))
        #expect(harness.events.last == .unmuteApproved(.audio))
        #expect(harness.room.effectiveMedia.audioMuted, "leave to speak is no press")
        press(&harness)
        try harness.answer("mute", result: "")
        #expect(harness.events.last == .unmuted(.audio))
        try harness.receive(moderation(#""removed":true,"mediaType":"audio""#))
        #expect(harness.events.contains(.unmuteRevoked(.audio)))
        #expect(harness.room.effectiveMedia.audioMuted)
        try harness.receive(moderation(#""enabled":false,"mediaType":"audio""#))
        #expect(harness.events.last == .moderation(.audio, enabled: false))
    }

    @Test func onlyTheFirstOfferSaysHowToBegin() throws {
        var harness = try RoomHarness.joined()
        harness.room.setLocalMedia(Self.open, at: harness.now)
        harness.drain()
        let policy = "<startmuted xmlns='http://jitsi.org/jitmeet/start-muted' audio='true' video='false'/>"
        try harness.jingle("session-initiate", OfferFixtures.xml + policy)
        #expect(harness.room.effectiveMedia.audioMuted)
        press(&harness)
        try harness.answer("mute", result: "")
        try harness.jingle("session-terminate", "<reason><success/></reason>")
        try harness.jingle("session-initiate", sid: "s2", OfferFixtures.xml + policy)
        #expect(!harness.room.effectiveMedia.audioMuted, "Jicofo repeats it with every invitation")
        // Entered anew: that is the first offer again.
        try harness.presence("a1b2c3d4", role: "none", status: [110], type: "unavailable")
        try harness.skip()
        try harness.answerConference()
        try harness.enter()
        try harness.jingle("session-initiate", sid: "s3", OfferFixtures.xml + policy)
        #expect(harness.room.effectiveMedia.audioMuted)
    }
}

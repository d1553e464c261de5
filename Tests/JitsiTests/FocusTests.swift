import Basis
import Testing

@testable import Jitsi

/// Who the focus is, and what happens while it is gone or has no bridge.
struct FocusTests {
    private func focusPresence(_ harness: inout RoomHarness, _ children: String = "") throws {
        try harness.presence("focus", jid: RoomHarness.focusJID + "/focus", role: "moderator", children: children)
    }

    private func requests(_ harness: RoomHarness) -> Int {
        harness.queries.count { $0.stanza.child("conference") != nil }
    }

    private static let noBridge = "<bridgeNotAvailable xmlns='http://jitsi.org/protocol/focus'/>"

    // MARK: Restarted

    @Test func aFocusThatWasStartedAnewIsCalledBackAndMediaGoesOn() throws {
        var harness = try RoomHarness.joined()
        try harness.jingle("session-initiate", OfferFixtures.xml)
        try harness.presence("focus", type: "unavailable")
        #expect(harness.events.last == .focusLeft)
        #expect(!harness.events.contains(.mediaEnded(.focusLeft)), "the bridge still sends")
        let left = harness.now
        try harness.skip()
        #expect(harness.now - left < .seconds(2))
        #expect(requests(harness) == 1)
        // Nobody answers for it yet.
        try harness.answer("conference", .error(condition: "item-not-found", type: "cancel", text: "", children: []))
        #expect(harness.room.phase == .joined)
        try harness.skip()
        #expect(harness.now - left < .seconds(4))
        try harness.answerConference()
        try focusPresence(&harness)
        #expect(harness.events.contains(.focusReturned))
        try harness.jingle("session-initiate", sid: "s2", OfferFixtures.xml)
        #expect(harness.events.contains(.mediaEnded(.replaced)))
        #expect(harness.offers.map(\.sid) == ["s1", "s2"])
        #expect(harness.events.filter { $0 == .joined }.count == 1)
        #expect(!harness.sent.contains { $0["type"] == "unavailable" })
        #expect(harness.room.soonest.instant == nil)
    }

    @Test func aFocusThatStaysAwayIsLeftForANewEntryWithinAMinute() throws {
        var harness = try RoomHarness.joined()
        try harness.jingle("session-initiate", OfferFixtures.xml)
        try harness.presence("focus", type: "unavailable")
        let left = harness.now
        while harness.room.phase == .joined {
            try harness.skip()
            if requests(harness) > 0 {
                try harness.answer(
                    "conference", .error(condition: "item-not-found", type: "cancel", text: "", children: []))
            }
        }
        #expect(harness.now - left >= .seconds(60))
        #expect(harness.now - left < .seconds(75))
        #expect(harness.events.contains(.mediaEnded(.roomLeft)))
        try harness.skip()
        try harness.answerConference()
        try harness.enter()
        #expect(harness.events.filter { $0 == .joined }.count == 2)
    }

    @Test func mediaThatBreaksWithoutAFocusEnds() throws {
        var harness = try RoomHarness.joined()
        try harness.jingle("session-initiate", OfferFixtures.xml)
        try harness.presence("focus", type: "unavailable")
        harness.room.mediaFailed("ICE", at: harness.now)
        harness.drain()
        #expect(harness.events.last == .mediaEnded(.focusLeft))
    }

    // MARK: No bridge

    @Test func aMeetingWithoutABridgeIsSaidAndEnteredAnewNowAndThen() throws {
        var harness = try RoomHarness.joined()
        try focusPresence(&harness, Self.noBridge)
        #expect(harness.events.contains(.bridgeAvailability(false)))
        try focusPresence(&harness, Self.noBridge)
        #expect(harness.events.filter { $0 == .bridgeAvailability(false) }.count == 1)
        #expect(harness.room.phase == .joined)
        let before = harness.now
        try harness.skip()
        #expect(harness.now - before == .seconds(60))
        try harness.skip()
        try harness.answerConference()
        try focusPresence(&harness, Self.noBridge)
        try harness.presence(harness.room.occupantID, jid: RoomHarness.us, status: [110])
        // It is there now.
        try focusPresence(&harness)
        #expect(harness.events.contains(.bridgeAvailability(true)))
        try harness.jingle("session-initiate", OfferFixtures.xml)
        #expect(harness.offers.count == 1)
        #expect(harness.room.soonest.instant == nil)
    }

    @Test func onlyTheFocusSpeaksOfBridges() throws {
        var harness = try RoomHarness.joined()
        try harness.presence("5e6f7a8b", children: Self.noBridge)
        #expect(!harness.events.contains(.bridgeAvailability(false)))
    }

    // MARK: Who it is

    private func entered(_ focus: (inout RoomHarness) throws -> Void) throws -> RoomHarness {
        var harness = try RoomHarness()
        harness.start()
        try harness.answerConference()
        try focus(&harness)
        try harness.presence("a1b2c3d4", status: [110])
        try harness.jingle("session-initiate", OfferFixtures.xml)
        return harness
    }

    @Test func whereJIDsAreHiddenTheNameNeedsRoleAndAffiliation() throws {
        let genuine = try entered { try $0.presence("focus", role: "moderator", affiliation: "owner") }
        #expect(genuine.offers.count == 1)
        for (role, affiliation) in [("participant", "none"), ("moderator", "none"), ("participant", "owner")] {
            let forged = try entered { try $0.presence("focus", role: role, affiliation: affiliation) }
            #expect(forged.offers.isEmpty, "\(role) \(affiliation)")
        }
    }

    @Test func nobodyTakesTheNameOfAFocusThatCrashed() throws {
        var harness = try RoomHarness.joined()
        try harness.presence("focus", type: "unavailable")
        try harness.presence("focus", role: "moderator", affiliation: "owner")
        #expect(!harness.events.contains(.focusReturned), "its JID was shown before, and is hidden now")
        try harness.jingle("session-initiate", OfferFixtures.xml)
        #expect(harness.offers.isEmpty)
        try harness.presence("focus", jid: "evil@visio.example.org/x", role: "moderator", affiliation: "owner")
        #expect(!harness.events.contains(.focusReturned))
        try focusPresence(&harness)
        #expect(harness.events.contains(.focusReturned))
    }
}

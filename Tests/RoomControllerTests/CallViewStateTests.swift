import Basis
import Jitsi
import Scene
import Testing

@testable import RoomController

@Suite struct CallViewStateTests {
    private func second(_ value: Int) -> MonotonicInstant { .zero + .seconds(value) }

    private func scene(_ state: CallViewState) -> SceneState {
        var scene = SceneState(deviceName: "Salle")
        state.show(in: &scene)
        return scene
    }

    @Test func theLayoutButtonGoesThroughViewsAndPages() {
        var state = CallViewState()
        state.press(isLong: false, at: second(1))
        #expect(scene(state).view == .speaker)
        #expect(scene(state).notices.count == 1)
        state.advance(to: second(4))
        #expect(scene(state).notices.isEmpty)
        state.press(isLong: true, at: second(5))
        #expect(scene(state).panel == .people)
        state.press(isLong: true, at: second(6))
        state.press(isLong: true, at: second(7))
        state.press(isLong: true, at: second(8))
        #expect(scene(state).panel == nil)
        #expect(scene(state).view == .speaker)
    }

    @Test func messagesAreCountedUntilTheirPageIsOpened() {
        var state = CallViewState()
        state.receive(ChatMessage(sender: "A", text: "Bonjour"), at: second(1))
        #expect(scene(state).unreadCount == 1)
        #expect(scene(state).chatNotices.map(\.text) == ["Bonjour"])
        state.advance(to: second(30))
        #expect(scene(state).chatNotices.isEmpty)
        #expect(scene(state).unreadCount == 1)
        state.press(isLong: true, at: second(31))
        state.press(isLong: true, at: second(32))
        #expect(scene(state).panel == .chat)
        #expect(scene(state).unreadCount == 0)
        #expect(scene(state).chat.map(\.text) == ["Bonjour"])
    }

    @Test func comingAndGoingIsSaidButNotOfThoseWhoWereThere() {
        var state = CallViewState()
        let (camille, noah) = (person("1", "Camille"), person("2", "Noah"))
        state.update(people: [camille], dominant: nil, language: .french, at: second(1))
        #expect(scene(state).passing == nil)
        state.update(people: [camille, noah], dominant: nil, language: .french, at: second(2))
        #expect(scene(state).passing?.contains("Noah") == true)
        state.advance(to: second(7))
        #expect(scene(state).passing == nil)
        state.update(people: [camille], dominant: nil, language: .french, at: second(8))
        #expect(scene(state).passing?.contains("Noah") == true)
        #expect(state.deadline == second(12))
    }

    private func person(_ id: String, _ name: String) -> ParticipantInfo {
        ParticipantInfo(id: id, name: name, audioMuted: false, videoMuted: false)
    }

    @Test func anotherRoomHasItsOwnFacts() {
        var state = CallViewState()
        var locked = MeetingFacts()
        (locked.hasPassword, locked.isMembersOnly) = (true, true)
        state.learn(locked, language: .french, at: second(0))
        state.enterAnotherRoom()
        state.learn(MeetingFacts(), language: .french, at: second(60))
        #expect(scene(state).notices.isEmpty)
    }
}

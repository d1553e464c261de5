import Basis
import Jitsi
import Scene
import Testing

@testable import RoomController

@Suite struct MeetingNoticesTests {
    private func second(_ value: Int) -> MonotonicInstant { .zero + .seconds(value) }

    private func facts(_ change: (inout MeetingFacts) -> Void) -> MeetingFacts {
        var facts = MeetingFacts()
        change(&facts)
        return facts
    }

    /// What is said when the meeting goes from one state to the next, well after it was entered.
    private func said(_ states: MeetingFacts...) -> [String] {
        var notices = MeetingNotices()
        notices.learn(MeetingFacts(), language: .french, at: second(0))
        for (index, state) in states.enumerated() {
            notices.advance(to: second(20 * (index + 1)))
            notices.learn(state, language: .french, at: second(20 * (index + 1)))
        }
        return notices.shown
    }

    @Test func aRecordingIsSaidAtEachStep() {
        let soon = facts { $0.recording = .starting }
        let runs = facts {
            $0.recording = .on
            $0.recordingStarter = "Zoé"
        }
        #expect(said(soon) == ["L’enregistrement va commencer"])
        #expect(said(soon, runs) == ["\u{200E}Enregistrement lancé par \u{2068}Zoé\u{2069}"])
        #expect(said(facts { $0.recording = .on }) == ["L’enregistrement a commencé"])
        #expect(said(runs, MeetingFacts()) == ["L’enregistrement est terminé"])
        #expect(said(soon, MeetingFacts()) == [])
        var left = runs
        left.recordingStarter = ""
        #expect(said(runs, left) == [])
        #expect(said(facts { $0.liveStream = .on }) == ["Cette réunion est diffusée en direct"])
        #expect(said(facts { $0.isTranscribed = true }) == ["Cette réunion est transcrite"])
        #expect(said(facts { $0.hasPassword = true }) == ["Un mot de passe protège la réunion"])
        #expect(said(facts { $0.isMembersOnly = true }, MeetingFacts()) == ["La salle d’attente est fermée"])
        #expect(said(facts { $0.isEncrypted = true }).count == 1)
    }

    @Test func whoComesInIsToldOfARecordingButNotOfTheDoor() {
        var notices = MeetingNotices()
        notices.learn(facts { $0.recording = .on }, language: .english, at: second(0))
        #expect(notices.shown == ["This meeting is recorded"])
        notices.learn(
            facts {
                $0.recording = .on
                $0.hasPassword = true
            }, language: .english, at: second(1))
        #expect(notices.shown == ["This meeting is recorded"])
        #expect(notices.deadline == second(8))
        notices.advance(to: second(8))
        #expect(notices.shown.isEmpty && notices.deadline == nil)
    }

    @Test func theScreenShowsMarksNoticesAndCaptions() throws {
        var state = CallViewState()
        state.learn(facts { $0.recording = .on }, language: .french, at: second(1))
        let caption = try #require(
            Caption(
                try JSONReader.parse(
                    #"{"type":"transcription-result","message_id":"1","transcript":[{"text":"Bonjour"}]}"#)))
        state.show(caption.said(by: "Zoé"), at: second(1))
        var scene = SceneState(deviceName: "Salle")
        state.show(in: &scene)
        #expect(scene.notices == ["Cette réunion est enregistrée"])
        #expect(scene.captions == [CaptionLine(speaker: "Zoé", text: "Bonjour")])
        #expect(state.deadline == second(4))
        state.advance(to: second(4))
        var later = SceneState(deviceName: "Salle")
        state.show(in: &later)
        #expect(later.captions.isEmpty)
        #expect(CallMarks(MeetingFacts()) == [])
        #expect(
            CallMarks(
                facts {
                    $0.recording = .starting
                    $0.liveStream = .on
                    $0.isMembersOnly = true
                }) == [.recordingSoon, .liveStream, .locked])
    }

    @Test func nobodyArrivesWhileTheRoomIsBeingEntered() {
        var state = CallViewState()
        let zoe = ParticipantInfo(id: "1", name: "Zoé", audioMuted: false, videoMuted: false)
        state.update(people: nil, dominant: nil, language: .french, at: second(0))
        state.update(people: [zoe], dominant: nil, language: .french, at: second(1))
        var scene = SceneState(deviceName: "Salle")
        state.show(in: &scene)
        #expect(scene.passing == nil)
    }
}

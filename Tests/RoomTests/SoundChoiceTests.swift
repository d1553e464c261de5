import Basis
import Devices
import Testing

@testable import Room

@Suite struct SoundChoiceTests {
    /// A room and what is heard in it.
    private struct Heard {
        var room = RoomState(roomCount: 2)
        var choice: SoundChoice
        var sounds: [RoomSound] = []

        init(_ choice: SoundChoice = SoundChoice()) {
            self.choice = choice
            handle(.started, 0)
        }

        mutating func handle(_ event: RoomEvent, _ second: Double) {
            let now = MonotonicInstant.zero + .milliseconds(Int(second * 1_000))
            _ = room.handle(event, at: now)
            if let sound = choice.roomChanged(to: room, at: now) { sounds.append(sound) }
        }

        mutating func press(_ button: ButtonRole, _ second: Double) { handle(.button(button, .short), second) }

        mutating func fact(_ fact: ConferenceFact, attempt: Int = 1, _ second: Double) {
            handle(.conference(attempt: attempt, fact), second)
        }

        mutating func people(_ present: [String], _ second: Double) {
            let now = MonotonicInstant.zero + .milliseconds(Int(second * 1_000))
            if let sound = choice.peopleChanged(present, at: now) { sounds.append(sound) }
        }

        /// In the meeting with `others` at second 2, what was heard until then forgotten.
        static func inCall(_ choice: SoundChoice = SoundChoice(), others: [String] = ["a"]) -> Heard {
            var heard = Heard(choice)
            heard.press(.join(room: 0), 1)
            heard.people(others, 1.9)
            heard.fact(.joined, 2)
            heard.sounds = []
            return heard
        }
    }

    @Test func enteringAndLeavingAreHeardOnceEach() {
        var heard = Heard()
        heard.press(.join(room: 0), 1)
        heard.people(["a", "b"], 1.5)
        #expect(heard.sounds.isEmpty)
        heard.fact(.joined, 2)
        heard.fact(.mediaConnected, 2.1)
        #expect(heard.sounds == [.joined])
        heard.press(.hangUp, 60)
        heard.people([], 60)
        heard.fact(.left, 60.1)
        #expect(heard.sounds == [.joined, .left])
    }

    @Test(arguments: [ConferenceFact.kicked, .roomClosed])
    func beingPutOutIsLeaving(fact: ConferenceFact) {
        var heard = Heard.inCall()
        heard.press(.mute, 10)
        heard.fact(fact, 20)
        // The microphone is open again for the next call; that is nothing to be heard.
        #expect(!heard.room.microphoneMuted)
        #expect(heard.sounds == [.muted, .left])
    }

    @Test func aJoinThatIsCancelledIsSilent() {
        var heard = Heard()
        heard.press(.join(room: 0), 1)
        heard.press(.hangUp, 3)
        heard.fact(.left, 3.1)
        #expect(heard.sounds.isEmpty)
    }

    @Test func anotherMeetingIsLeftThenEntered() {
        var heard = Heard.inCall()
        heard.press(.join(room: 1), 10)
        heard.fact(.left, 10.2)
        heard.fact(.joined, attempt: 2, 11)
        #expect(heard.sounds == [.left, .joined])
    }

    @Test func theMicrophoneIsHeardInAMeetingAlone() {
        var heard = Heard()
        heard.press(.mute, 0.5)
        heard.press(.mute, 0.6)
        heard.press(.join(room: 0), 1)
        heard.press(.mute, 1.5)
        heard.fact(.joined, 2)
        heard.press(.mute, 3)
        heard.fact(.microphoneMutedByModerator, 4)
        heard.fact(.microphoneMutedByModerator, 5)
        heard.press(.camera, 6)
        heard.press(.hand, 7)
        #expect(heard.sounds == [.muted, .joined, .unmuted, .muted])
    }

    @Test func aBrokenLineIsHeardAndSoIsItsReturn() {
        var heard = Heard.inCall()
        heard.fact(.lost(.serverUnreachable), 20)
        heard.people([], 20)
        heard.handle(.deadline, 30)
        heard.people(["a"], 30.5)
        heard.fact(.joined, attempt: 2, 31)
        heard.people(["a", "b"], 40)
        #expect(heard.sounds == [.connectionLost, .connectionBack, .somebodyJoined])
    }

    @Test func aLineThatBreaksAgainAndAgainIsToldOnce() {
        var heard = Heard.inCall()
        var second = 20.0
        for _ in 0..<5 {
            heard.fact(.reached(.focus), second)
            heard.fact(.joined, second + 1)
            second += 3
        }
        #expect(heard.sounds == [.connectionLost, .connectionBack])
        heard.fact(.reached(.focus), second + 20)
        heard.fact(.joined, second + 21)
        #expect(heard.sounds == [.connectionLost, .connectionBack, .connectionLost, .connectionBack])
    }

    @Test func givingUpABrokenCallIsLeavingAndAFaultIsALoss() {
        var heard = Heard.inCall()
        heard.fact(.lost(.serverUnreachable), 20)
        heard.press(.hangUp, 21)
        #expect(heard.sounds == [.connectionLost, .left])
        var refused = Heard.inCall()
        refused.fact(.refused(.entryRefused), 20)
        #expect(refused.sounds == [.connectionLost])
        refused.press(.hangUp, 25)
        #expect(refused.sounds == [.connectionLost])
    }

    @Test func whoComesAndGoesIsHeardInASmallMeeting() {
        var heard = Heard.inCall(SoundChoice(peopleLimit: 3), others: ["a"])
        heard.people(["a", "b"], 10)
        heard.people(["a", "b", "c"], 20)
        heard.people(["a", "b", "c", "d"], 30)
        heard.people(["a", "b", "c"], 40)
        heard.people(["a", "b"], 50)
        heard.people(["a", "b"], 60)
        #expect(heard.sounds == [.somebodyJoined, .somebodyLeft])
        var never = Heard.inCall(SoundChoice(peopleLimit: 0), others: [])
        never.people(["a"], 10)
        #expect(never.sounds.isEmpty)
    }

    @Test func allGoingAtOnceIsNobodyLeaving() {
        var heard = Heard.inCall(others: ["a", "b"])
        heard.people([], 10)
        heard.fact(.kicked, 10)
        #expect(heard.sounds == [.left])
        var last = Heard.inCall(others: ["a"])
        last.people([], 10)
        #expect(last.sounds == [.somebodyLeft])
    }

    @Test func tenArrivalsDoNotRingTenTimes() {
        var heard = Heard.inCall(SoundChoice(peopleLimit: 100), others: [])
        for number in 1...10 { heard.people((0..<number).map { "\($0)" }, 10 + Double(number) * 0.3) }
        #expect(heard.sounds == [.somebodyJoined, .somebodyJoined])
        for number in 11...40 { heard.people((0..<number).map { "\($0)" }, 13 + Double(number - 10) * 2.5) }
        // 78 seconds: three in each half a minute.
        #expect((6...10).contains(heard.sounds.count))
    }

    @Test func nobodyIsAnnouncedOverAnotherSound() {
        var heard = Heard.inCall(others: [])
        heard.people(["a"], 3)
        heard.press(.mute, 10)
        heard.people(["a", "b"], 11)
        heard.people(["a", "b", "c"], 12.5)
        #expect(heard.sounds == [.muted, .somebodyJoined])
    }

    @Test func offIsOff() {
        var heard = Heard(SoundChoice(isOn: false))
        heard.press(.join(room: 0), 1)
        heard.fact(.joined, 2)
        heard.press(.mute, 3)
        heard.people(["a"], 10)
        heard.fact(.lost(.serverUnreachable), 20)
        heard.press(.hangUp, 30)
        #expect(heard.sounds.isEmpty)
    }

    @Test func aLineThatIsCutForAWhileIsHeardTwice() {
        var heard = Heard.inCall()
        heard.fact(.lineInterrupted, 10)
        heard.press(.mute, 11)
        heard.fact(.lineRestored, 15)
        heard.people(["a", "b"], 20)
        #expect(heard.sounds == [.connectionLost, .muted, .connectionBack, .somebodyJoined])
        // One that does not come back in time is tried anew, without another word.
        heard.fact(.lineInterrupted, 40)
        heard.fact(.lost(.serverUnreachable), 60)
        heard.press(.hangUp, 61)
        #expect(heard.sounds.suffix(2) == [.connectionLost, .left])
    }

    @Test func followingTheMeetingIsNoLoss() {
        var heard = Heard.inCall()
        heard.fact(.moved(to: "Groupe 1"), 10)
        heard.fact(.joined, 11)
        #expect(heard.sounds == [.joined])
    }
}

import Basis
import Devices
import Testing

@testable import Room

@Suite struct RoomStateTests {
    private func second(_ value: Int) -> MonotonicInstant { .zero + .seconds(value) }

    private func idle(rooms: Int = 2) -> RoomState {
        var room = RoomState(roomCount: rooms)
        _ = room.handle(.started, at: .zero)
        return room
    }

    private func inCall() -> RoomState {
        var room = idle()
        _ = room.handle(.button(.join(room: 0), .short), at: second(1))
        _ = room.handle(.conference(attempt: 1, .joined), at: second(2))
        return room
    }

    @Test func aPressOpensTheMeetingSeenAndHeard() {
        var room = idle()
        let effects = room.handle(.button(.join(room: 1), .short), at: second(1))
        #expect(effects.first == .openConference(attempt: 1, room: 1))
        #expect(effects.contains(.setMicrophone(muted: false)))
        #expect(effects.contains(.setCamera(on: true)))
        #expect(room.currentRoom == 1)
        #expect(room.handle(.button(.join(room: 1), .short), at: second(2)).isEmpty)
        #expect(room.handle(.button(.join(room: 7), .short), at: second(2)).isEmpty)
    }

    @Test func whoMutedBeforehandStaysMutedAndTheNextCallIsOpenAgain() {
        var room = idle()
        #expect(room.handle(.button(.mute, .short), at: second(1)) == [.setMicrophone(muted: true)])
        #expect(room.handle(.button(.join(room: 0), .short), at: second(1)).contains(.setMicrophone(muted: true)))
        _ = room.handle(.conference(attempt: 1, .joined), at: second(2))
        #expect(room.panel().status == Lamp(.red))
        _ = room.handle(.button(.hangUp, .short), at: second(3))
        #expect(room.handle(.conference(attempt: 1, .left), at: second(3)).contains(.setMicrophone(muted: false)))
        #expect(room.phase == .idle)
        #expect(!room.microphoneMuted)
    }

    @Test func aLongPressOnTheCameraGivesUpAllPictures() {
        var room = inCall()
        #expect(room.handle(.button(.camera, .long), at: second(3)) == [.setCamera(on: false)])
        #expect(room.audioOnly)
        #expect(room.handle(.button(.camera, .long), at: second(4)) == [.setCamera(on: true)])
        #expect(!room.audioOnly)
        // A camera that was off stays off.
        _ = room.handle(.button(.camera, .short), at: second(5))
        _ = room.handle(.button(.camera, .long), at: second(6))
        #expect(room.handle(.button(.camera, .long), at: second(7)) == [.setCamera(on: false)])
        // Whoever turns the camera on wants to see, too.
        _ = room.handle(.button(.camera, .long), at: second(8))
        #expect(room.handle(.button(.camera, .short), at: second(9)) == [.setCamera(on: true)])
        #expect(!room.audioOnly)
    }

    @Test func callsMayBeginWithoutPictures() {
        var room = RoomState(roomCount: 1, startsAudioOnly: true)
        _ = room.handle(.started, at: .zero)
        #expect(room.handle(.button(.join(room: 0), .short), at: second(1)).contains(.setCamera(on: false)))
        _ = room.handle(.conference(attempt: 1, .joined), at: second(2))
        #expect(room.handle(.button(.camera, .long), at: second(3)) == [.setCamera(on: true)])
        _ = room.handle(.button(.hangUp, .short), at: second(4))
        #expect(room.handle(.conference(attempt: 1, .left), at: second(5)).contains(.setCamera(on: false)))
        #expect(room.audioOnly)
    }

    @Test func hangUpLeavesAndTimeAloneCompletesIt() {
        var room = inCall()
        #expect(room.handle(.button(.hangUp, .short), at: second(3)) == [.closeConference(attempt: 1)])
        #expect(room.deadline == second(6))
        #expect(room.handle(.deadline, at: second(5)).isEmpty)
        #expect(room.handle(.deadline, at: second(6)).first == .closeConference(attempt: 1))
        #expect(room.phase == .idle)
    }

    @Test func anotherRoomsButtonSwitchesMeetings() {
        var room = inCall()
        #expect(room.handle(.button(.join(room: 1), .short), at: second(3)) == [.closeConference(attempt: 1)])
        let effects = room.handle(.conference(attempt: 1, .left), at: second(4))
        #expect(effects.first == .openConference(attempt: 2, room: 1))
    }

    @Test func aLostCallIsTriedAgainWithGrowingPausesAndThenIsAFault() {
        var room = inCall()
        var now = second(10)
        var number = 1
        var pauses: [Duration] = []
        _ = room.handle(.conference(attempt: number, .lost(.serverUnreachable)), at: now)
        while case .joining(let attempt, let until?) = room.phase {
            #expect(attempt.waiting == .retry(.serverUnreachable))
            pauses.append(until - now)
            now = until
            number += 1
            #expect(room.handle(.deadline, at: now).first == .openConference(attempt: number, room: 0))
            _ = room.handle(.conference(attempt: number, .lost(.serverUnreachable)), at: now)
        }
        #expect(pauses.count == RoomState.maximumRejoinFailures - 1)
        #expect((.seconds(1)..<(.milliseconds(1_500))).contains(pauses[0]))
        #expect((.seconds(30)..<(.milliseconds(33_500))).contains(pauses[6]))
        #expect(room.phase == .fault(.serverUnreachable, room: 0))
        #expect(
            room.handle(.button(.join(room: 0), .short), at: now).first == .openConference(attempt: number + 1, room: 0)
        )
    }

    @Test func aRefusalIsAFaultAtOnce() {
        var room = idle()
        _ = room.handle(.button(.join(room: 0), .short), at: second(1))
        _ = room.handle(.conference(attempt: 1, .refused(.entryRefused)), at: second(2))
        #expect(room.phase == .fault(.entryRefused, room: 0))
        _ = room.handle(.button(.hangUp, .short), at: second(3))
        #expect(room.phase == .idle)
    }

    @Test func aSilentConferenceIsGivenUp() {
        var room = idle()
        _ = room.handle(.button(.join(room: 0), .short), at: second(1))
        #expect(room.handle(.deadline, at: second(31)) == [.closeConference(attempt: 1)])
    }

    @Test func waitingForAHostHasNoLimitButHangUpEndsIt() {
        var room = idle()
        _ = room.handle(.button(.join(room: 0), .short), at: second(1))
        _ = room.handle(.conference(attempt: 1, .waitingForHost), at: second(2))
        #expect(room.deadline == nil)
        _ = room.handle(.button(.hangUp, .short), at: second(900))
        #expect(room.deadline == second(903))
    }

    @Test func kickedIsSaidAndNotTriedAgain() {
        var room = inCall()
        #expect(room.handle(.conference(attempt: 1, .kicked), at: second(5)).first == .closeConference(attempt: 1))
        #expect(room.phase == .ended(.kicked, until: second(20)))
        _ = room.handle(.deadline, at: second(20))
        #expect(room.phase == .idle)
    }

    @Test func whoFollowsTheMeetingElsewhereIsToldWhereUntilInside() {
        var room = inCall()
        _ = room.handle(.button(.mute, .short), at: second(4))
        #expect(room.handle(.conference(attempt: 1, .moved(to: "Groupe 1")), at: second(5)).isEmpty)
        #expect(room.handle(.conference(attempt: 1, .reached(.room)), at: second(6)).isEmpty)
        guard case .joining(let attempt, let until) = room.phase else {
            Issue.record("\(room.phase)")
            return
        }
        #expect(attempt.destination == "Groupe 1")
        #expect(until == second(6) + RoomState.stepLimit)
        _ = room.handle(.conference(attempt: 1, .joined), at: second(7))
        guard case .inCall(let call) = room.phase else {
            Issue.record("\(room.phase)")
            return
        }
        #expect(call.attempt == 1)
        #expect(room.microphoneMuted)
    }

    @Test func factsOfAnOlderAttemptAreIgnored() {
        var room = inCall()
        let before = room
        #expect(room.handle(.conference(attempt: 0, .kicked), at: second(5)).isEmpty)
        #expect(room == before)
    }

    @Test func theModeratorMutesAndOnlyTheRoomUnmutes() {
        var room = inCall()
        #expect(
            room.handle(.conference(attempt: 1, .microphoneMutedByModerator), at: second(5)) == [
                .setMicrophone(muted: true)
            ])
        #expect(room.panel().mute == Lamp(.red))
        #expect(room.handle(.button(.mute, .short), at: second(6)) == [.setMicrophone(muted: false)])
    }

    @Test func theHandIsRaisedOnlyInACallAndByALongMuteToo() {
        var room = idle()
        #expect(room.handle(.button(.hand, .short), at: second(1)).isEmpty)
        room = inCall()
        #expect(room.handle(.button(.mute, .long), at: second(3)) == [.setHand(raised: true)])
        #expect(!room.microphoneMuted)
    }

    /// From any state that random events lead to, hang-up and time alone come back to idle or a fault that says why.
    @Test func noStateIsADeadEnd() {
        var random = RandomSource(seed: 7)
        let buttons: [ButtonRole] = [.join(room: 0), .join(room: 1), .mute, .hangUp, .camera, .hand]
        let facts: [ConferenceFact] = [
            .reached(.room), .joined, .mediaConnected, .mediaEnded, .passwordRequired(wrong: true), .waitingForHost,
            .inLobby, .refused(.entryRefused), .lost(.mediaBlocked), .microphoneMutedByModerator, .kicked, .roomClosed,
            .left, .lineInterrupted, .lineRestored, .moved(to: "Groupe 1"),
        ]
        for _ in 0..<1_000 {
            var room = idle()
            var now = MonotonicInstant.zero
            for _ in 0..<20 {
                now += .milliseconds(Int.random(in: 0...5_000, using: &random))
                switch Int.random(in: 0..<3, using: &random) {
                case 0: _ = room.handle(.button(buttons.randomElement(using: &random) ?? .mute, .short), at: now)
                case 1:
                    let attempt = Int.random(in: 0...6, using: &random)
                    _ = room.handle(
                        .conference(attempt: attempt, facts.randomElement(using: &random) ?? .left), at: now)
                default: _ = room.handle(.deadline, at: now)
                }
                _ = room.panel()
            }
            _ = room.handle(.button(.hangUp, .short), at: now)
            while let deadline = room.deadline {
                now = max(now, deadline)
                _ = room.handle(.deadline, at: now)
            }
            #expect(room.phase == .idle)
        }
    }

    @Test func blockedMediaIsAFaultAfterAsManyCallsAsTriesAndMediaForgivesIt() {
        func callsUntilFault(mediaIn lucky: Int?) -> Int {
            var room = idle()
            var now = second(1)
            _ = room.handle(.button(.join(room: 0), .short), at: now)
            for attempt in 1...20 {
                _ = room.handle(.conference(attempt: attempt, .joined), at: now)
                if attempt == lucky { _ = room.handle(.conference(attempt: attempt, .mediaConnected), at: now) }
                _ = room.handle(.conference(attempt: attempt, .lost(.mediaBlocked)), at: now)
                if room.phase == .fault(.mediaBlocked, room: 0) { return attempt }
                now += .seconds(60)
                _ = room.handle(.deadline, at: now)
            }
            return 0
        }
        #expect(callsUntilFault(mediaIn: nil) == RoomState.maximumFailures)
        #expect(callsUntilFault(mediaIn: 5) == RoomState.maximumFailures + 4)
    }

    @Test func theTelevisionSleepsWhenNothingHappensAndAnyPressWakesIt() {
        var room = RoomState(roomCount: 1, displayRestDelay: .seconds(600))
        #expect(room.handle(.started, at: .zero).isEmpty)
        #expect(room.deadline == second(600))
        #expect(room.handle(.button(.mute, .short), at: second(500)) == [.setMicrophone(muted: true)])
        #expect(room.deadline == second(1_100))
        #expect(room.handle(.deadline, at: second(1_099)).isEmpty)
        #expect(room.handle(.deadline, at: second(1_100)) == [.restDisplay])
        #expect(room.displayLight == .off)
        #expect(room.deadline == nil)
        #expect(room.handle(.button(.mute, .short), at: second(2_000)) == [.setMicrophone(muted: false), .wakeDisplay])
        #expect(room.displayLight == .full)
        #expect(room.deadline == second(2_600))
    }

    @Test func theScreenDimsFirstAndThePressThatWakesItActs() {
        var room = RoomState(roomCount: 1, displayDimDelay: .seconds(300), displayRestDelay: .seconds(600))
        _ = room.handle(.started, at: .zero)
        #expect(room.deadline == second(300) && room.displayLight == .full)
        #expect(room.handle(.deadline, at: second(300)).isEmpty)
        #expect(room.displayLight == .dimmed && room.deadline == second(600))
        #expect(room.handle(.touched, at: second(301)).isEmpty)
        #expect(room.displayLight == .full && room.deadline == second(601))
        _ = room.handle(.deadline, at: second(601))
        #expect(room.handle(.deadline, at: second(901)) == [.restDisplay])
        #expect(room.deadline == nil)
        #expect(room.handle(.touched, at: second(5_000)) == [.wakeDisplay])
        #expect(room.displayLight == .full && room.deadline == second(5_300))
        _ = room.handle(.deadline, at: second(6_000))
        #expect(room.displayLight == .off)
        let effects = room.handle(.button(.join(room: 0), .short), at: second(7_000))
        #expect(effects.first == .openConference(attempt: 1, room: 0) && effects.contains(.wakeDisplay))
        #expect(room.displayLight == .full)
    }

    @Test func dimmingAloneNeverTurnsTheSignalOff() {
        var room = RoomState(roomCount: 1, displayDimDelay: .seconds(60))
        _ = room.handle(.started, at: .zero)
        #expect(room.handle(.deadline, at: second(60)).isEmpty)
        #expect(room.handle(.deadline, at: second(90_000)).isEmpty)
        #expect(room.displayLight == .dimmed && room.deadline == nil)
    }

    @Test func aFaultLeftOnTheScreenDimsToo() {
        var room = RoomState(roomCount: 1, displayDimDelay: .seconds(60), displayRestDelay: .seconds(120))
        _ = room.handle(.started, at: .zero)
        _ = room.handle(.button(.join(room: 0), .short), at: second(1))
        _ = room.handle(.conference(attempt: 1, .refused(.certificateRefused)), at: second(2))
        #expect(room.deadline == second(62))
        _ = room.handle(.deadline, at: second(62))
        #expect(room.displayLight == .dimmed)
    }

    @Test func aCallKeepsTheTelevisionAwake() {
        var room = RoomState(roomCount: 1, displayRestDelay: .seconds(600))
        _ = room.handle(.started, at: .zero)
        _ = room.handle(.deadline, at: second(600))
        #expect(room.handle(.button(.join(room: 0), .short), at: second(700)).contains(.wakeDisplay))
        _ = room.handle(.conference(attempt: 1, .joined), at: second(701))
        #expect(room.deadline == nil)
        #expect(room.handle(.deadline, at: second(9_000)).isEmpty)
        _ = room.handle(.button(.hangUp, .short), at: second(9_001))
        _ = room.handle(.conference(attempt: 1, .left), at: second(9_002))
        #expect(room.deadline == second(9_602))
    }

    @Test func aRemoteControlChoosesAMeetingAndJoinsIt() {
        var room = idle(rooms: 3)
        _ = room.handle(.button(.up, .short), at: second(1))
        #expect(room.selectedRoom == 2)
        _ = room.handle(.button(.down, .short), at: second(1))
        _ = room.handle(.button(.down, .short), at: second(1))
        #expect(room.selectedRoom == 1)
        #expect(room.handle(.button(.ok, .short), at: second(2)).first == .openConference(attempt: 1, room: 1))
        #expect(room.handle(.button(.ok, .short), at: second(2)).isEmpty)
    }

    @Test func tenSecondsOnAButtonStartAnewButNeverInACall() {
        var room = idle()
        #expect(room.handle(.button(.hangUp, .veryLong), at: second(1)) == [.restart])
        var busy = inCall()
        let before = busy
        #expect(busy.handle(.button(.hangUp, .veryLong), at: second(5)).isEmpty)
        #expect(busy == before)
    }
}

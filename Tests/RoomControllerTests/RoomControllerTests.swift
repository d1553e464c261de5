import Basis
import Conference
import DTLSSRTP
import Devices
import Jitsi
import Room
import Scene
import Testing

@testable import RoomController

/// A controller whose outputs are gathered, with a clock of its own.
private final class Bench {
    var controller: RoomController
    var now = MonotonicInstant(nanoseconds: 1_000_000_000)
    var outputs: [ControllerOutput] = []

    init(meetings: Int = 2, _ change: (inout RoomSettings) -> Void = { _ in }) throws {
        let url = try RoomURL("https://visio.example.org/Conseil")
        var settings = RoomSettings(
            deviceName: "Salle", language: .french,
            meetings: (0..<meetings).map { MeetingSettings(label: "Salle \($0 + 1)", url: url) },
            machineUID: "0123456789abcdef0123456789abcdef")
        settings.standsBy = false
        change(&settings)
        let wall = WallTime(
            ntpOffset: { .seconds(3_900_000_000) }, trust: { .kept },
            civil: { _ in CivilMoment(year: 2026, month: 12, day: 1, hour: 9, minute: 5) })
        controller = RoomController(
            settings: settings, wall: wall, certificate: try DTLSCertificate.generate(), random: RandomSource(seed: 1),
            at: now)
        controller.begin(at: now)
        settle()
    }

    /// Takes all outputs, and answers what any driver answers at once.
    func settle() {
        while let output = controller.poll() {
            if case .media(.sample) = output { controller.mediaSampled(MediaSnapshot(), at: now) }
            outputs.append(output)
        }
    }

    func clear() { outputs = [] }

    var hasConference: Bool { controller.hasConference }
    var isStandingBy: Bool { controller.isStandingBy }
    var phase: RoomPhase { controller.room.phase }

    func press(_ role: ButtonRole, _ press: ButtonPress = .short) {
        controller.press(role, press, at: now)
        settle()
    }

    func answer(_ answer: NetworkAnswer, of number: Int) {
        controller.answered(answer, of: number, at: now)
        settle()
    }

    /// Goes from deadline to deadline.
    func run(_ duration: Duration) {
        let end = now + duration
        while let next = controller.soonest.instant, next <= end {
            now = max(now, next)
            controller.advance(to: now)
            settle()
        }
        now = end
    }

    var requests: [(request: NetworkRequest, number: Int)] {
        outputs.compactMap { if case .network(let request, let number) = $0 { (request, number) } else { nil } }
    }

    var configurationRequests: [Int] {
        requests.compactMap { if case .get(.configuration, _) = $0.request { $0.number } else { nil } }
    }

    var commands: [MediaCommand] {
        outputs.compactMap { if case .media(let command) = $0 { command } else { nil } }
    }

    var scenes: [SceneState] {
        outputs.compactMap { if case .scene(let content) = $0 { content.scene } else { nil } }
    }

    var statuses: [ApplianceStatus] {
        outputs.compactMap { if case .status(let status) = $0 { status } else { nil } }
    }

    var controls: [ControlCommand] {
        outputs.compactMap { if case .control(let command) = $0 { command } else { nil } }
    }
}

@Suite struct RoomControllerTests {
    // MARK: A press

    @Test func aPressOpensDevicesAndAsksTheServer() throws {
        let bench = try Bench()
        bench.clear()
        bench.press(.join(room: 1))
        let commands = bench.commands
        #expect(commands.contains { if case .startAudio = $0 { true } else { false } })
        #expect(commands.contains { if case .setCamera(isOn: true) = $0 { true } else { false } })
        #expect(bench.configurationRequests == [1])
        #expect(bench.requests.contains { if case .openMediaSockets = $0.request { true } else { false } })
        #expect(bench.statuses.last?.activity.state == .joining && bench.statuses.last?.room?.label == "Salle 2")
        #expect(bench.scenes.last?.phase == .joining(step: .configuration, canCancel: true))
        #expect(bench.scenes.count == 1 && bench.statuses.count == 1, "brought up to date once")
        let pressed = bench.outputs.contains {
            if case .pressed(.join(room: 1), .short) = $0 { true } else { false }
        }
        #expect(pressed)
    }

    @Test func hangingUpLetsEverythingGo() throws {
        let bench = try Bench()
        bench.press(.join(room: 0))
        bench.clear()
        bench.press(.hangUp)
        #expect(!bench.hasConference)
        #expect(bench.phase == .idle)
        #expect(bench.commands.contains { if case .stopAudio = $0 { true } else { false } })
        let cameras = bench.commands.compactMap { if case .setCamera(let isOn) = $0 { isOn } else { nil } }
        #expect(cameras.allSatisfy { !$0 } && !cameras.isEmpty)
        #expect(bench.requests.contains { if case .closeAll = $0.request { $0.number == 1 } else { false } })
        #expect(bench.statuses.last?.activity.state == .idle && bench.statuses.last?.activity.isBusy == false)
        // An answer that comes too late is for nobody.
        bench.clear()
        bench.answer(.failure(.configuration, .unreachable), of: 1)
        #expect(bench.outputs.isEmpty)
    }

    @Test func muteReachesTheMicrophoneBeforeAnythingElse() throws {
        let bench = try Bench()
        bench.press(.join(room: 0))
        bench.clear()
        bench.press(.mute)
        let first = bench.outputs.firstIndex { if case .media(.setMuted(true)) = $0 { true } else { false } }
        let network = bench.outputs.firstIndex { if case .network = $0 { true } else { false } }
        #expect(try #require(first) < network ?? .max)
        #expect(bench.statuses.last?.own.isMicrophoneMuted == true)
    }

    @Test func aFailureIsTriedAgainByItself() throws {
        let bench = try Bench()
        bench.press(.join(room: 0))
        bench.answer(.failure(.configuration, .unreachable), of: 1)
        #expect(!bench.hasConference)
        #expect(bench.statuses.last?.faults.map(\.code) == ["server-unreachable"])
        bench.clear()
        bench.run(.seconds(5))
        #expect(bench.configurationRequests == [2], "with a number of its own")
        guard case .disconnected = bench.scenes.last?.phase ?? .idle(buttons: [], rooms: []) else {
            Issue.record("\(String(describing: bench.scenes.last?.phase))")
            return
        }
    }

    // MARK: Standing by

    @Test func whatStandsByIsTakenOver() throws {
        let bench = try Bench { $0.standsBy = true }
        bench.run(.seconds(4))
        #expect(bench.configurationRequests == [1])
        #expect(bench.isStandingBy && !bench.hasConference)
        #expect(bench.commands.allSatisfy { if case .startAudio = $0 { false } else { true } })
        bench.clear()
        bench.press(.join(room: 0))
        #expect(bench.configurationRequests == [], "it is asked for already")
        #expect(bench.requests.allSatisfy { $0.number <= 1 })
        #expect(bench.hasConference && !bench.isStandingBy)
    }

    @Test func anotherMeetingClosesWhatStoodBy() throws {
        let bench = try Bench { $0.standsBy = true }
        bench.run(.seconds(4))
        bench.clear()
        bench.press(.join(room: 1))
        #expect(bench.requests.contains { if case .closeAll = $0.request { $0.number == 1 } else { false } })
        #expect(bench.configurationRequests == [2])
    }

    // MARK: Devices

    @Test func keysForLoudnessAreRememberedAndShown() throws {
        let bench = try Bench()
        bench.clear()
        bench.press(.volumeUp)
        let remembered = bench.outputs.contains {
            if case .remember(name: "volume", _) = $0 { true } else { false }
        }
        #expect(remembered)
        #expect(bench.scenes.last?.notices.count == 1)
        bench.run(.seconds(4))
        #expect(bench.scenes.last?.notices == [])
    }

    @Test func lampsAreToldAllAtFirstAndChangesLater() throws {
        let bench = try Bench()
        bench.clear()
        bench.controller.controlsConnected(at: bench.now)
        bench.settle()
        #expect(bench.controls.count == 3 + 2 + 3)
        bench.clear()
        bench.press(.mute)
        #expect(Set(bench.controls.map { "\($0)" }).count == 2, "the truth about mute, and its lamp: \(bench.controls)")
        bench.press(.join(room: 0))
        #expect(bench.controls.contains(.inCall(true)))
        #expect(bench.controls.contains(.lamp(.connecting, number: 0)))
    }

    @Test func aBoxThatCannotWorkIsNotReady() throws {
        let bench = try Bench()
        #expect(bench.statuses.last?.isReady == true)
        bench.controller.deviceFailed("no sound", at: bench.now)
        bench.settle()
        let status = try #require(bench.statuses.last)
        #expect(!status.isReady && status.isDegraded && status.faults.map(\.code) == ["device"])
    }

    // MARK: The check and the calendar

    @Test func aServerThatDoesNotAnswerIsShownBeforeAnybodyPresses() throws {
        let bench = try Bench()
        for _ in 0..<4 {
            bench.run(.seconds(3))
            let looks = bench.requests.compactMap { request -> Int? in
                if case .lookUp(let number, _) = request.request { number } else { nil }
            }
            if let look = looks.last { bench.answer(.lookedUp(number: look, isFound: false), of: 0) }
        }
        guard case .disconnected = bench.scenes.last?.phase ?? .starting else {
            Issue.record("\(String(describing: bench.scenes.last?.phase))")
            return
        }
        #expect(bench.statuses.last?.network.first { $0.rung == .names }?.state == "name-unknown")
    }

    @Test func theCalendarIsFetchedAndItsNextMeetingShown() throws {
        let bench = try Bench { $0.calendarRefresh = .seconds(600) }
        bench.run(.seconds(6))
        let look = try #require(
            bench.requests.compactMap { request -> Int? in
                if case .fetchCalendar(let number) = request.request { number } else { nil }
            }.first)
        let now: Int64 = 3_900_000_000 - 2_208_988_800
        let meeting = ScheduledMeeting(title: "Budget", start: now + 600, end: now + 1_200, room: 1)
        bench.answer(
            .calendar(number: look, .success(Agenda(meetings: [meeting], period: (now - 10)...(now + 86_400)))), of: 0)
        #expect(bench.scenes.last?.nextMeeting?.title == "Budget")
        #expect(bench.statuses.last?.nextMeeting?.button == .join(room: 1))
        #expect(bench.statuses.last?.json["next_meeting"]?["button"]?.string == "join-2")
    }

    @Test func anIdleBoxIsWokenSeldom() throws {
        let bench = try Bench(meetings: 0)
        bench.clear()
        var wakes = 0
        let end = bench.now + .seconds(60)
        while let next = bench.controller.soonest.instant, next <= end {
            bench.now = max(bench.now, next)
            bench.controller.advance(to: bench.now)
            bench.settle()
            wakes += 1
        }
        #expect((12...15).contains(wakes))
    }
}

import Basis
import Devices
import Glibc
import HostFiles
import Testing

@testable import Room

/// What each event makes of each phase, as `docs/room-states.md` shows it. A change of the rules changes the page:
/// `VISIOSALLE_UPDATE_DOCS=1 swift test --filter RoomStateTable` writes it anew, to be looked at like any other change.
@Suite struct RoomStateTableTests {
    private static let path =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        + "/docs/room-states.md"

    private static func instant(_ seconds: Int) -> MonotonicInstant { .zero + .seconds(seconds) }

    /// A state for each phase, made by events alone, and an instant at which its deadline has come.
    private static let states: [(name: String, state: RoomState)] = {
        func state(_ events: [RoomEvent]) -> RoomState {
            var state = RoomState(roomCount: 2)
            for (index, event) in events.enumerated() { _ = state.handle(event, at: instant(index)) }
            return state
        }
        let join: [RoomEvent] = [.started, .button(.join(room: 0), .short)]
        func told(_ fact: ConferenceFact) -> RoomEvent { .conference(attempt: 1, fact) }
        let call = join + [told(.joined), told(.mediaConnected)]
        return [
            ("starting", state([])), ("idle", state([.started])), ("joining", state(join)),
            ("waiting for a password", state(join + [told(.passwordRequired(wrong: false))])),
            ("between tries", state(join + [told(.lost(.serverUnreachable))])),
            ("in call", state(call)), ("interrupted", state(call + [told(.lineInterrupted)])),
            ("leaving", state(call + [.button(.hangUp, .short)])),
            ("switching", state(call + [.button(.join(room: 1), .short)])),
            ("ended", state(call + [told(.kicked)])),
            ("fault", state(join + [told(.refused(.accountRefused))])),
        ]
    }()

    private static let events: [(name: String, event: RoomEvent)] = {
        let buttons: [(ButtonRole, ButtonPress)] = [
            (.join(room: 0), .short), (.join(room: 1), .short), (.hangUp, .short), (.mute, .short), (.mute, .long),
            (.camera, .short), (.camera, .long), (.hand, .short), (.ok, .short), (.down, .short), (.hangUp, .veryLong),
        ]
        let facts: [ConferenceFact] = [
            .reached(.room), .joined, .mediaConnected, .mediaEnded, .lineInterrupted, .lineRestored,
            .passwordRequired(wrong: true), .waitingForHost, .inLobby, .moved(to: "B"), .refused(.accountRefused),
            .lost(.serverUnreachable), .microphoneMutedByModerator, .cameraMutedByModerator, .kicked, .roomClosed,
            .left,
        ]
        return [("started", .started), ("touched", .touched), ("deadline", .deadline)]
            + buttons.map { ("\($0.0.name), \($0.1.rawValue)", .button($0.0, $0.1)) }
            + facts.map { ("\($0)", .conference(attempt: 1, $0)) }
    }()

    private static func name(_ phase: RoomPhase) -> String {
        switch phase {
        case .starting: "starting"
        case .idle: "idle"
        case .joining(let attempt, _): attempt.waiting.map { "joining (\($0))" } ?? "joining"
        case .inCall(let call): call.isInterrupted ? "interrupted" : "in call"
        case .leaving(_, let reason, _): if case .switching = reason { "switching" } else { "leaving" }
        case .ended(let reason, _): "ended (\(reason))"
        case .fault(let fault, _): "fault (\(fault.code))"
        }
    }

    private static func name(_ effect: RoomEffect) -> String {
        switch effect {
        case .openConference: "open"
        case .closeConference: "close"
        case .setMicrophone(let muted): muted ? "mute" : "unmute"
        case .setCamera(let on): on ? "camera on" : "camera off"
        case .setHand(let raised): raised ? "hand up" : "hand down"
        case .wakeDisplay: "wake TV"
        case .restDisplay: "rest TV"
        case .restart: "restart"
        }
    }

    private static func table() -> String {
        var text = """
            # The states of the room

            What each event makes of each phase: the next phase where it changes, then the effects. "·" is nothing at all. Made
            and compared by `RoomStateTableTests`; facts are those of the present attempt, those of others change nothing.

            """
        for (name, state) in states {
            text += "\n## \(name)\n\n| event | becomes | effects |\n|---|---|---|\n"
            for (event, value) in events {
                var after = state
                let due = after.deadline.map { max($0, instant(10)) } ?? instant(10)
                let effects = after.handle(value, at: value == .deadline ? due : instant(10))
                let next = after.phase == state.phase ? "·" : Self.name(after.phase)
                let done = effects.isEmpty ? "·" : effects.map { Self.name($0) }.joined(separator: ", ")
                text += "| \(event) | \(next) | \(done) |\n"
            }
        }
        return text
    }

    @Test func thePageIsWhatTheRoomDoes() throws {
        let table = Self.table()
        if getenv("VISIOSALLE_UPDATE_DOCS") != nil, let file = fopen(Self.path, "w") {
            fputs(table, file)
            fclose(file)
        }
        #expect(try TextFile.read(Self.path) == table, "docs/room-states.md is of other rules")
    }

    /// From any state people, or time alone, lead back to where a button works.
    @Test(arguments: [true, false]) func everyStateEndsAtRest(byHand: Bool) {
        for (name, start) in Self.states {
            var state = start
            _ = state.handle(.started, at: Self.instant(10))
            var now = Self.instant(10)
            if byHand { _ = state.handle(.button(.hangUp, .short), at: now) }
            for _ in 0..<200 {
                if case .inCall = state.phase { break }
                guard let deadline = state.deadline else { break }
                now = max(now, deadline)
                _ = state.handle(.deadline, at: now)
            }
            switch state.phase {
            case .idle, .fault: break
            // Somebody's password, or the call itself, may last for ever: a press ends them.
            case .joining(let attempt, _): #expect(!byHand && attempt.waiting != nil, "\(name)")
            case .inCall: #expect(!byHand, "\(name)")
            case .starting, .leaving, .ended: Issue.record("\(name) stays \(state.phase)")
            }
        }
    }

    /// An interpreter may carry out an effect again: each says how things are, not what to change.
    @Test func effectsAreWholeWords() {
        for (_, start) in Self.states {
            for (_, event) in Self.events {
                var one = start
                var two = start
                #expect(one.handle(event, at: Self.instant(10)) == two.handle(event, at: Self.instant(10)))
                #expect(one == two)
            }
        }
    }
}

import Basis
import Conference
import Devices
import Jitsi
import Practice
import Room
import SimWorld

/// How the tests read a world.
extension World {
    var isInCall: Bool {
        if case .inCall = room.phase { true } else { false }
    }

    var isIdle: Bool { room.phase == .idle }

    /// In a call, with sound and picture.
    var hasMedia: Bool {
        if case .inCall(let call) = room.phase { call.hasMedia } else { false }
    }

    var call: Call? {
        if case .inCall(let call) = room.phase { call } else { nil }
    }

    var fault: RoomFault? {
        if case .fault(let fault, _) = room.phase { fault } else { nil }
    }

    var waiting: Attempt.Waiting? {
        if case .joining(let attempt, _) = room.phase { attempt.waiting } else { nil }
    }

    /// A press, and the pictures of everybody.
    func join(pictures count: Int = 2) -> Bool {
        press(.join(room: 0))
        return run(atMost: .seconds(10)) { $0.hasMedia && $0.pictures.count == count }
    }

    func partner(_ name: String) -> ParticipantInfo? { participants.first { $0.name == name } }

    /// Pictures of each source that was shown at `before` and is now, since then.
    func newPictures(since before: [UInt32: WorldPictures]) -> [Int] {
        videoSources.map { (pictures[$0.ssrc]?.frames ?? 0) - (before[$0.ssrc]?.frames ?? 0) }
    }

    func texts(_ role: SocketRole, containing part: String) -> Int {
        journal.count { record in
            if case .sent(role, let text) = record.entry { text.contains(part) } else { false }
        }
    }

    func first(_ isWanted: (WorldEntry) -> Bool) -> Int? {
        journal.firstIndex { isWanted($0.entry) }
    }

    /// When `isWanted` happened.
    func instants(_ isWanted: (WorldEntry) -> Bool) -> [MonotonicInstant] {
        journal.filter { isWanted($0.entry) }.map(\.instant)
    }

    var milestones: [Milestone] {
        journal.compactMap { record in
            if case .milestone(let milestone) = record.entry { milestone } else { nil }
        }
    }

    var openedSockets: [String] {
        journal.compactMap { record in
            if case .openedSocket(_, let url) = record.entry { url } else { nil }
        }
    }
}

extension WorldEntry {
    var isGet: Bool {
        if case .get = self { true } else { false }
    }

    var isFirstPicture: Bool {
        if case .firstPicture = self { true } else { false }
    }

    func isSent(_ role: SocketRole, _ part: String) -> Bool {
        if case .sent(role, let text) = self { text.contains(part) } else { false }
    }
}

internal import Basis
internal import Conference
internal import Jitsi
internal import Room
internal import Scene

/// What is shown and told of the state as it is: the scene, the status, the lamps. A copy of what the controller knows, which
/// decides nothing.
struct Presentation {
    let settings: RoomSettings
    let wall: WallTime
    let now: MonotonicInstant
    let room: RoomState
    let call: ActiveCall?
    let check: ConnectionCheck
    let calendar: CalendarWatch?
    let devices: RoomDevices
    let controls: ControlSettings
    let history: JoinHistory
    /// What the camera may send.
    let limits: CameraLimits
    let isStandbyReady: Bool

    var hasConference: Bool { call != nil }

    /// The others of the call, in the order in which they came.
    var participants: [ParticipantInfo] { call?.conference.participants ?? [] }

    var isInRoom: Bool {
        if case .inCall = room.phase { true } else { false }
    }

    var isIdle: Bool {
        if case .idle = room.phase { true } else { false }
    }

    var meetingFacts: MeetingFacts { call?.facts ?? MeetingFacts() }

    /// Where the pictures of the scene come from.
    var pictureOrigins: [SceneSource: PictureOrigin] {
        var origins: [SceneSource: PictureOrigin] = hasConference && room.cameraOn ? [.selfView: .camera] : [:]
        for source in call?.conference.videoSources ?? [] {
            if let revision = call?.pictures[source.ssrc] {
                origins[.remote(source.name)] = .remote(ssrc: source.ssrc, revision: revision)
            }
        }
        return origins
    }
}

extension RoomController {
    /// The state as it is now, to be shown.
    var presentation: Presentation {
        Presentation(
            settings: settings, wall: wall, now: now, room: room, call: call, check: check, calendar: calendar,
            devices: devices, controls: controls, history: history, limits: published.camera ?? CameraLimits(),
            isStandbyReady: standby.isReady)
    }
}

package import Basis
internal import Conference
package import DTLSSRTP
internal import Devices
internal import Jitsi
package import Room
internal import Scene

/// Everything that the appliance decides, as one machine: the room, the call, the connection that stands by, the check of the
/// way to the servers, the calendar's watch, loudness and notices. No socket, no device, no clock.
///
/// Inputs are mutating methods with the present time. Whoever drives it takes what it wants by `poll` and `pollDatagram` until
/// nil, then wakes it at `soonest`. A change marks what it touches; scene, status, lamps and what is asked of the bridge are
/// brought up to date once, when everything else is dealt with.
package struct RoomController: ~Copyable {
    let settings: RoomSettings
    let wall: WallTime
    private var conferences: ConferenceFactory
    /// As of the last input.
    var now: MonotonicInstant

    /// What the room is doing.
    package internal(set) var room: RoomState
    var call: ActiveCall?
    var standby: Standby
    var check: ConnectionCheck
    /// Nil where the configuration names no calendar.
    var calendar: CalendarWatch?
    var sounds: SoundChoice
    var devices = RoomDevices()
    var controls: ControlSettings
    var history = JoinHistory()

    var outputs = OutputQueue()
    var changes: ControllerChange = []
    var published = Published()
    /// When the counters of the media threads are read again; nil before the start and after the end.
    var nextSample: MonotonicInstant?
    var isShuttingDown = false

    /// A controller that does nothing before `begin`.
    package init(
        settings: RoomSettings, wall: WallTime, certificate: DTLSCertificate, random source: RandomSource,
        at now: MonotonicInstant
    ) {
        var random = source
        self.settings = settings
        self.wall = wall
        self.now = now
        room = RoomState(
            roomCount: settings.meetings.count, jitterSeed: random.next(),
            displayDimDelay: settings.idleDisplay.dimDelay, displayRestDelay: settings.idleDisplay.restDelay,
            startsAudioOnly: settings.video.audioOnly)
        check = ConnectionCheck(
            servers: settings.meetings.map { ConnectionCheck.Server($0.url) }, seed: random.next())
        standby = Standby(plan: StandbyPlan(random: random.fork()))
        calendar = settings.calendarRefresh.map { CalendarWatch(refresh: $0, random: random.fork()) }
        sounds = SoundChoice(isOn: settings.sounds.isOn, peopleLimit: settings.sounds.peopleLimit)
        controls = ControlSettings(volume: settings.volume)
        conferences = ConferenceFactory(certificate: certificate, random: random)
    }

    // MARK: Life

    /// Everything is ready: the room may be used.
    package mutating func begin(at now: MonotonicInstant) {
        self.now = now
        command(.setSpeakerVolume(percent: controls.volume.percent))
        command(.setSoundVolume(percent: settings.sounds.volume))
        command(.setDiscontinuous(settings.sendsPauses))
        handle(.started)
        nextSample = now
        mark(.all)
    }

    /// Leaves the call, if any; `hasConference` tells when that is done.
    package mutating func shutDown(at now: MonotonicInstant) {
        self.now = now
        isShuttingDown = true
        handle(.button(.hangUp, .short))
        closeStandby()
        nextSample = nil
    }

    /// Whether an attempt holds anything.
    package var hasConference: Bool { call != nil }

    // MARK: What is wanted

    /// The next thing to do; nil until the next input.
    package mutating func poll() -> ControllerOutput? {
        while true {
            if let output = outputs.next() { return output }
            if pollCall() || pollStandby() { continue }
            guard !changes.isEmpty else { return nil }
            update()
        }
    }

    /// The next datagram to send; nil when there is none.
    package mutating func pollDatagram(into buffer: inout [UInt8]) -> DatagramPath? {
        call?.conference.pollDatagram(into: &buffer)
    }

    // MARK: Time

    /// When `advance` is due, and why.
    package var soonest: Soonest {
        var soonest = callSoonest
        soonest.consider(controls.deadline, "notice")
        soonest.consider(nextSample, "sample")
        if !isShuttingDown { soonest.consider(planSoonest) }
        return soonest
    }

    private var callSoonest: Soonest {
        var soonest = Soonest()
        soonest.consider(room.deadline, "room")
        if let call {
            soonest.consider(call.conference.soonest)
            soonest.consider(call.view.deadline, "view")
        }
        return soonest
    }

    private var planSoonest: Soonest {
        var soonest = Soonest()
        soonest.consider(check.deadline, "connection check")
        soonest.consider(calendar?.deadline, "calendar")
        soonest.consider(standby.plan.deadline, "standby plan")
        soonest.consider(standby.waiting?.conference?.soonest.instant, "standby")
        return soonest
    }

    /// Lets everything happen that is due.
    package mutating func advance(to now: MonotonicInstant) {
        self.now = now
        if isDue(room.deadline) { handle(.deadline) }
        if isDue(call?.conference.soonest.instant) { call?.conference.advance(to: now) }
        if isDue(call?.view.deadline) {
            call?.view.advance(to: now)
            mark(.scene)
        }
        if isDue(controls.deadline) {
            controls.advance(to: now)
            mark(.scene)
        }
        if isDue(standby.waiting?.conference?.soonest.instant) { standby.waiting?.conference?.advance(to: now) }
        if isDue(check.deadline) || isDue(calendar?.deadline) || isDue(standby.plan.deadline) { mark(.plans) }
        if isDue(nextSample) {
            command(.sample)
            nextSample = now + sampleInterval
        }
    }

    private func isDue(_ deadline: MonotonicInstant?) -> Bool { deadline.map { $0 <= now } ?? false }

    /// A second in a call. Else what is shown is the time of day, and an idle box wakes seldom.
    private var sampleInterval: Duration {
        if hasConference { return .seconds(1) }
        let minute: Int64 = 60_000
        let left = minute - (wall.millisecondsSince1970(at: now) % minute + minute) % minute
        return min(.seconds(5), .milliseconds(left))
    }

    // MARK: Inside

    func isMarked(_ change: ControllerChange) -> Bool { !changes.isDisjoint(with: change) }

    mutating func mark(_ change: ControllerChange) { changes.formUnion(change) }

    mutating func command(_ command: MediaCommand) { outputs.append(.media(command)) }

    mutating func request(_ request: NetworkRequest, of number: Int) { outputs.append(.network(request, of: number)) }

    mutating func journal(_ level: Diagnostic.Level, _ code: String, _ details: [(String, String)] = []) {
        outputs.append(.journal(JournalEntry(level, code, details)))
    }

    mutating func trace(_ trace: ControllerTrace) { outputs.append(.trace(trace)) }

    mutating func nextConferenceNumber() -> Int { conferences.nextNumber() }

    mutating func makeConference(_ meeting: MeetingSettings) -> Conference {
        let media = localMedia
        return conferences.make(meeting, settings, media: media, ntpOffset: wall.ntpOffset())
    }

    var localMedia: LocalMedia {
        LocalMedia(
            audioMuted: room.microphoneMuted, videoMuted: !room.cameraOn, raisedHand: history.handRaisedAt)
    }
}

/// What a change touches, and what is therefore to be brought up to date.
struct ControllerChange: OptionSet {
    let rawValue: UInt8

    /// The screen, and with it what is asked of the bridge.
    static let scene = ControllerChange(rawValue: 1)
    static let status = ControllerChange(rawValue: 2)
    /// Lamps and speakerphones.
    static let controls = ControllerChange(rawValue: 4)
    /// What the camera may send.
    static let camera = ControllerChange(rawValue: 8)
    /// What goes on while nothing else does: the check, the calendar, the connection that stands by.
    static let plans = ControllerChange(rawValue: 16)

    static let all: ControllerChange = [.scene, .status, .controls, .camera, .plans]
}

/// What was last put out: only changes are.
struct Published {
    var scene: SceneContent?
    var status: ApplianceStatus?
    var lamps: LampStates?
    var camera: CameraLimits?
    /// Whether the journal knows that no server is reached.
    var isBroken = false
}

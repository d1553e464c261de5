internal import Basis
internal import Conference
internal import DTLSSRTP
internal import Devices
internal import Jitsi
internal import LinuxHost
internal import Logging
internal import MediaEngine
internal import NIOCore
internal import NetworkIO
internal import Panel
internal import RTP
internal import Room
internal import Scene

/// Everything that decides, on one event loop: the room, the call attempt and all their timers.
///
/// Its methods are synchronous: an effect is carried out and returns, nothing awaits in the middle of a transition.
actor CallActor {
    nonisolated let eventLoop: any EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

    let settings: ApplianceSettings
    let network: NetworkContext
    let media: MediaThreads
    let screen: ScreenThread
    let board: StatusBoard
    let log: Logger
    let clock: EventLoopClock
    let certificate: DTLSCertificate
    let wallClock: WallClock

    var room: RoomState
    var conference: Conference?
    /// The attempt that `conference` serves.
    var attempt = 0
    /// Tells the answers to one conference from those to another.
    var conferenceNumber = 0
    private var conferencesMade = 0
    /// The meeting joined last, from 0.
    var lastMeeting = 0
    var standby: Standby?
    var standbyPlan: StandbyPlan
    var isStandbyTold = false
    var isShuttingDown = false
    var random = RandomSource.system
    /// When the hand went up: its place in the queue.
    var handRaisedAt: Int64?
    /// Frames encoded by the last tick, and in the second before it.
    var encodedFrames = (count: 0, perSecond: 0)
    var joinTimes = JoinTimes()
    var subject = ""
    /// What the meeting is: recorded, locked and so on.
    var meetingFacts = MeetingFacts()
    /// Who ended the last call, and why, where others did.
    var farewell = Farewell()
    var callView = CallViewState()
    var deviceFaults: [String] = []
    var displayState: DisplayState?
    /// What is wrong with the display at present.
    var displayFault: String?

    /// Hands commands to lamps, speakerphones and the TV; nil on a board without them.
    var sendControl: (@Sendable (ControlCommand) -> Void)?
    var toldControls = ToldControls()
    /// The time left until a held button starts the appliance anew.
    var resetCountdown: Duration?
    var stuckButtons: Set<String> = []
    var volume: SpeakerVolume
    var sounds: SoundChoice
    /// How long the change of loudness stays on the screen.
    var volumeShownUntil: MonotonicInstant?
    /// The camera's preset chosen last, and until when its name is shown.
    var cameraPreset: (index: Int, shownUntil: MonotonicInstant)?
    /// Writes down what is to survive a restart: name, value.
    var remember: (@Sendable (String, String) -> Void)?
    /// Ends the appliance so that it is started anew.
    var onRestart: (@Sendable () -> Void)?

    var webSockets: [SocketToken: WebSocketHandle] = [:]
    var udpSockets: [UDPSocket] = []
    var udpSocketsByAddress: [TransportAddress: UDPSocket] = [:]
    /// The host's addresses as of the last look; nil without sockets.
    var mediaAddresses: [IPAddress]?
    /// The allocations of the call by the conference's number, and those that stand by their relayed address.
    var relays: [Int: RelayConnection] = [:]
    var relaysByAddress: [TransportAddress: RelayConnection] = [:]
    /// Tells the sockets of one attempt from those of another.
    var socketGeneration = 0
    var datagram: [UInt8] = []
    var mediaPacket: [UInt8] = []
    /// The slots of the remote pictures, by SSRC.
    var slots: [UInt32: FrameSlot] = [:]
    /// How much may be sent where the bridge tells of losses alone, and what it last said that it can take.
    var uplinkRate = LossBasedRate()
    var uplinkEstimate: Int?
    /// How much may be sent by the bridge's feedback on each packet; nil while it gives none.
    var bandwidth: Int?
    /// The greatest height that the bridge wants of the camera, −1 for any.
    var cameraHeightWanted = 0
    var callVideo = CallVideoState()
    var speechRepetition = SpeechRepetition()

    /// Whether the software of the box is being replaced.
    var update = UpdateState.none
    /// How far the way to the meeting servers is good.
    var ladder: ConnectionLadder
    var isLadderTold = false
    /// Why the last attempt to join failed, while it is tried again.
    var joinFault: RoomFault?
    /// Whether the present attempt is about a call that stood before.
    var hasBeenInCall = false

    /// Nil where the configuration names no calendar.
    var calendar: CalendarWatch?

    var roomTimer: DeadlineTimer?
    var ladderTimer: DeadlineTimer?
    var viewTimer: DeadlineTimer?
    var calendarTimer: DeadlineTimer?
    var standbyTimer: DeadlineTimer?
    var conferenceTimer: DeadlineTimer?
    var ticker: RepeatedTask?
    var panel: PanelServer?
    var lastStatus: JSONValue = nil
    var lastLEDs: JSONValue = nil
    var isDraining = false

    init(
        eventLoop: any EventLoop, settings: ApplianceSettings, network: NetworkContext, media: MediaThreads,
        screen: ScreenThread, board: StatusBoard, log: Logger, certificate: DTLSCertificate
    ) {
        self.eventLoop = eventLoop
        self.settings = settings
        self.network = network
        self.media = media
        self.screen = screen
        self.board = board
        self.log = log
        self.certificate = certificate
        clock = EventLoopClock(eventLoop)
        wallClock = WallClock()
        var chance = RandomSource.system
        room = RoomState(
            roomCount: settings.meetings.count, jitterSeed: chance.next(), displayDimDelay: settings.displayDimDelay,
            displayRestDelay: settings.displayRestDelay, startsAudioOnly: settings.audioOnly)
        ladder = ConnectionLadder(
            servers: settings.meetings.map { ConnectionLadder.Server($0.url) }, seed: chance.next())
        standbyPlan = StandbyPlan(random: chance.fork())
        calendar = settings.calendar.map { CalendarWatch(refresh: $0.refresh, random: .system) }
        volume = settings.volume
        sounds = SoundChoice(isOn: settings.sounds.isOn, peopleLimit: settings.sounds.peopleLimit)
        datagram.reserveCapacity(UDPSocket.maximumDatagram)
    }

    /// Runs `work` on the loop, later.
    nonisolated func onLoop(_ work: @escaping @Sendable (isolated CallActor) -> Void) {
        eventLoop.execute { self.assumeIsolated(work) }
    }

    // MARK: Life

    func begin() {
        roomTimer = DeadlineTimer(eventLoop: eventLoop) { [weak self] _ in
            self?.assumeIsolated { $0.handle(.deadline) }
        }
        conferenceTimer = DeadlineTimer(eventLoop: eventLoop) { [weak self] now in
            self?.assumeIsolated { actor in
                actor.conference?.advance(to: now)
                actor.drainConference()
            }
        }
        viewTimer = DeadlineTimer(eventLoop: eventLoop) { [weak self] now in
            self?.assumeIsolated { actor in
                actor.callView.advance(to: now)
                actor.refresh()
            }
        }
        ladderTimer = DeadlineTimer(eventLoop: eventLoop) { [weak self] _ in
            self?.assumeIsolated { $0.refresh() }
        }
        calendarTimer = DeadlineTimer(eventLoop: eventLoop) { [weak self] _ in
            self?.assumeIsolated { $0.refresh() }
        }
        standbyTimer = DeadlineTimer(eventLoop: eventLoop) { [weak self] now in
            self?.assumeIsolated { $0.standbyTimerFired(at: now) }
        }
        ticker = eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { [weak self] _ in
            self?.assumeIsolated { $0.tick() }
        }
        media.audio.setSpeakerVolume(volume.percent)
        media.audio.setSoundVolume(settings.sounds.volume)
        media.audio.setDiscontinuous(settings.sendsPauses)
        handle(.started)
    }

    func publishTo(_ panel: PanelServer) {
        self.panel = panel
    }

    func shutDown() {
        isShuttingDown = true
        handle(.button(.hangUp, .short))
        closeStandby()
        ticker?.cancel()
    }

    var hasConference: Bool { conference != nil }

    func noteDeviceFault(_ text: String) {
        log.error("device-fault", metadata: ["detail": "\(text)"])
        deviceFaults.append(text)
        refresh()
    }

    func displayChanged(_ state: DisplayState, fault: String?) {
        if displayFault != fault {
            if let fault {
                log.error("display-fault", metadata: ["detail": "\(fault)"])
            } else {
                log.notice("display-well")
            }
        }
        log.info(
            "display",
            metadata: [
                "connected": "\(state.isConnected)", "connector": "\(state.connector)", "name": "\(state.name)",
                "size": "\(state.size)", "rate": "\(state.refreshRate)",
            ])
        displayState = state
        displayFault = fault
        refresh()
    }

    private func tick() {
        let now = clock.now
        callView.advance(to: now)
        if let until = volumeShownUntil, until <= now { volumeShownUntil = nil }
        let encoded = media.camera.statistics.encodedFrames
        encodedFrames = (encoded, max(0, encoded - encodedFrames.count))
        let statistics = conference?.statistics()
        let outbound = statistics?.outbound ?? []
        let lost = speechRepetition.note(outbound, bandwidth: bandwidth)
        conference?.repeatsSpeech = speechRepetition.isOn
        if let loss = [lost, conference?.listenersLoss(at: now)].compactMap({ $0 }).max() {
            media.audio.noteUplink(fractionLost: loss, bandwidth: bandwidth)
        }
        var soundDelays: [UInt32: Duration] = [:]
        for sound in media.audio.remoteStatistics { soundDelays[sound.ssrc] = .milliseconds(sound.delayMilliseconds) }
        conference?.synchronize(soundDelays: soundDelays)
        if let loss = outbound.compactMap(\.remoteFractionLost).max() {
            uplinkRate.update(fractionLost: loss, estimate: uplinkEstimate)
        }
        updateCameraLimits()
        if let statistics { noteVideo(statistics, at: now) }
        refresh()
    }

    // MARK: The room

    func press(_ name: String, _ press: Room.ButtonPress) {
        guard let role = ButtonRole(name) else { return }
        log.info("button", metadata: ["name": "\(name)", "press": "\(press.rawValue)"])
        panel?.publish("button", ["name": .string(name), "press": .string(press.rawValue)])
        switch role {
        case .room(let button): handle(.button(button, press))
        case .volume(let steps): changeVolume(steps: steps)
        case .preset(let index): chooseCameraPreset(index)
        // In a call the arrows of a remote control move the camera.
        case .arrow(let step) where conference != nil: chooseCameraPreset(step: step)
        case .arrow(let step): handle(.button(.select(step: step), press))
        case .layout:
            handle(.touched)
            guard conference != nil, press != .veryLong else { return }
            callView.press(isLong: press == .long, at: clock.now)
            refresh()
        }
    }

    func handle(_ event: RoomEvent) {
        let now = clock.now
        let before = room
        let effects = room.handle(event, at: now)
        // Before the effects: one of them may end the call, whose speaker is open at this moment.
        if let sound = sounds.roomChanged(to: room, at: now) { media.play(sound) }
        followRoom(from: before.phase)
        for effect in effects { perform(effect, at: now) }
        roomTimer?.arm(room.deadline)
        if room != before { refresh() }
    }

    private func perform(_ effect: RoomEffect, at now: MonotonicInstant) {
        switch effect {
        case .openConference(let number, let index): openConference(number, meeting: index, at: now)
        case .closeConference(let number):
            guard number == attempt, conference != nil else { return }
            conference?.leave(at: now)
            drainConference()
        case .setMicrophone(let muted):
            // First the source, then the news of it: nothing is heard after the press.
            media.audio.isMuted = muted
            updateLocalMedia(at: now)
        case .setCamera:
            updateCamera()
            updateLocalMedia(at: now)
        case .setHand(let raised):
            handRaisedAt = raised ? handRaisedAt ?? wallClock.millisecondsSince1970 : nil
            updateLocalMedia(at: now)
        case .wakeDisplay: wakeDisplay()
        case .restDisplay: restDisplay()
        case .restart:
            log.notice("restart", metadata: ["reason": "asked for by a button"])
            onRestart?()
        }
    }

    private func updateLocalMedia(at now: MonotonicInstant) {
        guard conference != nil else { return }
        conference?.setLocalMedia(localMedia, at: now)
        drainConference()
    }

    var localMedia: LocalMedia {
        LocalMedia(
            audioMuted: room.microphoneMuted, videoMuted: !room.cameraOn,
            raisedHand: handRaisedAt)
    }

    func updateCamera() {
        let isOn = conference != nil && room.cameraOn
        media.setCamera(on: isOn)
        // Off and on again within one frame goes unseen by the camera's thread: what follows must stand alone.
        if isOn { media.camera.requestKeyframe() }
    }

    private func openConference(_ number: Int, meeting index: Int, at now: MonotonicInstant) {
        closeConference()
        let meeting = settings.meetings[index]
        attempt = number
        subject = ""
        farewell = Farewell()
        callView = CallViewState()
        if case .joining(let attempt, _) = room.phase { joinTimes.begin(at: attempt.pressedAt) }
        ladderJoins(meeting)
        log.notice("join", metadata: ["attempt": "\(number)", "room": "\(meeting.label)"])
        cameraHeightWanted = 0
        callVideo = CallVideoState()
        uplinkRate = LossBasedRate()
        uplinkEstimate = nil
        bandwidth = nil
        speechRepetition = SpeechRepetition()
        updateCameraLimits()
        media.startAudio()
        lastMeeting = index
        conference = takeStandby(for: index)
        if conference == nil {
            conferenceNumber = nextConferenceNumber()
            conference = makeConference(meeting)
        }
        updateCamera()
        conference?.start(media: localMedia, ntpOffset: wallClock.ntpOffset, at: now)
        drainConference()
    }

    func nextConferenceNumber() -> Int {
        conferencesMade += 1
        return conferencesMade
    }

    func makeConference(_ meeting: MeetingSettings) -> Conference {
        Conference(
            configuration: ConferenceConfiguration(
                roomURL: meeting.url, overrides: meeting.overrides, displayName: settings.deviceName,
                language: settings.language.rawValue, machineUID: settings.machineUID,
                roomPassword: meeting.password,
                account: meeting.account.map { .init(user: $0.user, password: $0.password) },
                certificate: certificate, ntpOffset: wallClock.ntpOffset, media: localMedia,
                sendsSimulcast: settings.simulcast, videoCodec: settings.videoCodec), random: random.fork())
    }

    /// Drops the attempt and everything that it holds; the leave itself is the conference's.
    func closeConference() {
        guard conference != nil else { return }
        conference = nil
        conferenceTimer?.arm(nil)
        media.stopAudio()
        updateCamera()
        for socket in webSockets.values { socket.close() }
        webSockets = [:]
        closeMediaSockets()
        for ssrc in slots.keys { media.decode.remove(source: ssrc) }
        slots = [:]
        meetingFacts = MeetingFacts()
        callView = CallViewState()
    }
}

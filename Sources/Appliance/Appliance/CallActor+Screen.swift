internal import Basis
internal import Conference
internal import Devices
internal import Jitsi
internal import LinuxHost
internal import MediaEngine
internal import NetworkIO
internal import Panel
internal import RTP
internal import Room
internal import Scene
internal import VoiceProcessing

/// What the screen, the lamps and the interface show of the state.
extension CallActor {
    /// Shows the state everywhere, and tells those who listen when it changed.
    func refresh() {
        climbLadder()
        keepStandby()
        lookAtCalendar()
        let statistics = conference?.statistics()
        let scene = makeScene(statistics)
        media.camera.isSelfViewLarge = scene.phase.showsOwnPicture
        var sources: [SceneSource: FrameSlot] =
            conference != nil && room.cameraOn ? [.selfView: media.camera.selfView] : [:]
        for source in conference?.videoSources ?? [] {
            if let slot = slots[source.ssrc] { sources[.remote(source.name)] = slot }
        }
        screen.show(
            ScreenContent(scene: scene, slots: sources, attempt: attempt, isLive: conference != nil))
        tellControls()
        viewTimer?.arm(conference == nil ? nil : callView.deadline)
        let status = statusJSON(statistics)
        let leds = ledsJSON()
        board.publish(status: status, leds: leds, isReady: isReady)
        // The counters of the media change each second; listeners are told of them, too.
        if status != lastStatus {
            lastStatus = status
            panel?.publish("status", status)
        }
        if leds != lastLEDs {
            lastLEDs = leds
            panel?.publish("leds", leds)
        }
        guard conference != nil else { return }
        // Last: what the conference has to say to it may refresh all this once more.
        var whole = scene
        whole.participants = sceneParticipants(conference?.participants ?? [], onlyForwarded: false)
        askForPictures(of: whole, at: clock.now)
    }

    private var isReady: Bool {
        if case .starting = room.phase { return false }
        return !settings.meetings.isEmpty && deviceFaults.isEmpty && displayFault == nil
    }

    var meeting: MeetingSettings? {
        room.currentRoom.flatMap { settings.meetings.indices.contains($0) ? settings.meetings[$0] : nil }
    }

    private var meetingName: String {
        guard let meeting else { return "" }
        return subject.isEmpty ? RemoteText.subject(meeting.url.room) : subject
    }

    // MARK: The scene

    private func makeScene(_ statistics: RTPStatistics?) -> SceneState {
        let people = conference?.participants ?? []
        var scene = SceneState(
            language: settings.language, deviceName: settings.deviceName, roomLabel: meeting?.label ?? "",
            roomName: meetingName, phase: scenePhase(people),
            participants: sceneParticipants(people, onlyForwarded: true),
            participantCount: people.count + 1, microphoneMuted: room.microphoneMuted, cameraOn: room.cameraOn,
            handRaised: room.handRaised, selfViewVisible: room.cameraOn, notices: [],
            clockText: wallClock.timeOfDay, elapsedText: nil)
        scene.notices += controlNotices
        scene.date = wallClock.date.map { CivilDate(year: $0.year, month: $0.month, day: $0.day) }
        scene.theme = settings.theme
        scene.idleLight = idleLight
        // A little further every five minutes.
        scene.shiftStep = Int(clamping: clock.now.nanoseconds / 300_000_000_000)
        scene.missingDevices = missingDevices
        scene.isTalkingWhileMuted = media.audio.isTalkingWhileMuted
        scene.marks = CallMarks(meetingFacts)
        if room.audioOnly { scene.marks.insert(.audioOnly) }
        scene.farewell = farewell
        // What holds the picture back matters to nobody once the meeting is over.
        if case .inCall = room.phase, let held = callVideo.shownNotice {
            scene.notices.append(Strings.text(held, settings.language))
        }
        scene.nextMeeting = nextMeeting
        if settings.meetings.count == 1 { scene.meetingLink = settings.meetings[0].url.link }
        if case .inCall(let call) = room.phase {
            let lasted = clock.now - call.since
            callView.show(in: &scene)
            scene.link = linkQuality(statistics)
            if callView.panel == .information { scene.information = sessionInformation(statistics) }
            scene.hands = raisedHands(people)
            scene.elapsedText = Strings.duration(seconds: Int(clamping: lasted.wholeNanoseconds / 1_000_000_000))
        }
        return scene
    }

    /// How good the line is, by the worst of what is lost and late.
    private func linkQuality(_ statistics: RTPStatistics?) -> LinkQuality? {
        guard let statistics else { return nil }
        let milliseconds = Int(clamping: (conference?.roundTrip ?? statistics.roundTrip ?? .zero).wholeMilliseconds)
        let sent = statistics.outbound.compactMap(\.remoteFractionLost).max() ?? 0
        let received = statistics.inbound.map(\.fractionLost).max() ?? 0
        return LinkQuality(
            sent: LinkGrade(lossThousandths: Int(sent * 1_000), roundTripMilliseconds: milliseconds),
            received: LinkGrade(lossThousandths: Int(received * 1_000), roundTripMilliseconds: milliseconds))
    }

    /// What a conference misses of the devices of the room.
    private var missingDevices: Set<MissingDevice> {
        guard conference != nil else { return [] }
        let audio = media.audio.statistics
        var missing: Set<MissingDevice> = []
        if audio.microphoneFault != nil, !room.microphoneMuted { missing.insert(.microphone) }
        if audio.speakerFault != nil { missing.insert(.speaker) }
        if room.cameraOn, media.camera.statistics.fault != nil { missing.insert(.camera) }
        return missing
    }

    /// What the devices of the room have to say, in a few words each.
    private var controlNotices: [String] {
        let language = settings.language
        var notices: [String] = []
        func say(_ message: Message, name: String) { notices.append(Strings.text(message, name: name, language)) }
        if let resetCountdown {
            let seconds = max(0, resetCountdown.wholeMilliseconds + 999) / 1_000
            notices.append(Strings.count(.restart, Int(clamping: seconds), language))
        }
        if volumeShownUntil != nil { notices.append(Strings.count(.volume, volume.percent, language)) }
        if let cameraPreset, clock.now < cameraPreset.shownUntil {
            say(.noticeView, name: settings.cameraPresets[cameraPreset.index])
        }
        let audio = media.audio.statistics
        if conference != nil, !room.microphoneMuted, audio.microphoneFault == nil,
            audio.microphoneSilentFor >= .seconds(20)
        {
            notices.append(Strings.text(.noticeSilentMicrophone, language))
        }
        if case .idle = room.phase, room.selectedRoom > 0, settings.meetings.indices.contains(room.selectedRoom) {
            say(.noticeSelected, name: settings.meetings[room.selectedRoom].label)
        }
        if case .idle = room.phase, !deviceFaults.isEmpty {
            say(.noticeRestartBox, name: "\(RoomFault.mediaFailed.rawValue)")
        }
        for button in stuckButtons.sorted() { say(.noticeStuckButton, name: button) }
        return notices
    }

    private func scenePhase(_ people: [ParticipantInfo]) -> ScenePhase {
        switch room.phase {
        case .starting: return .starting
        case .idle: return idlePhase
        case .joining(let attempt, _):
            if let phase = retryPhase(of: attempt) { return phase }
            switch attempt.waiting {
            case .password(let wrong): return .passwordRequired(wrong: wrong)
            case .host: return .waitingForHost
            case .lobby: return .lobby
            case .retry: return .reconnecting
            case nil where attempt.isRejoining: return .reconnecting
            case nil:
                if let destination = attempt.destination { return .moved(room: destination) }
                return .joining(step: Scene.JoinStep(attempt.step), canCancel: true)
            }
        case .inCall(let call):
            if call.isInterrupted { return .reconnecting }
            // The address leads to the main room: nobody comes to a breakout room by it.
            let link = conference?.isElsewhere == true ? "" : meeting?.url.link ?? ""
            if people.isEmpty { return .aloneInRoom(link: link) }
            return call.hasMedia ? .inCall : .joining(step: .connecting, canCancel: true)
        case .leaving: return .leaving
        case .ended(let reason, _): return reason == .kicked ? .kicked : .roomClosed
        case .fault(let fault, _): return faultPhase(fault)
        }
    }

    /// - Parameter onlyForwarded: whether those are without a picture whose picture the bridge holds back.
    private func sceneParticipants(_ people: [ParticipantInfo], onlyForwarded: Bool) -> [SceneParticipant] {
        let (showsCameras, showsShares) = (!room.audioOnly, !room.audioOnly || settings.audioOnlyShares)
        let sources = (conference?.videoSources ?? []).filter { source in
            (source.videoType == .desktop ? showsShares : showsCameras)
                && (!onlyForwarded || conference?.isForwarded(source) ?? true)
        }
        let dominant = conference?.dominantSpeaker
        var list: [SceneParticipant] = []
        for person in people {
            let own = sources.filter { $0.owner == person.id }
            let camera = own.first { $0.videoType != .desktop }
            list.append(
                SceneParticipant(
                    id: person.id, name: person.name, audioMuted: person.audioMuted,
                    hasVideo: camera != nil && !person.videoMuted, handRaised: person.raisedHand != nil,
                    dominant: person.id == dominant, sourceID: camera?.name, isModerator: person.isModerator,
                    connection: conference?.connectionQuality(of: person.id).map { LinkGrade(percent: Int($0)) }))
            if person.sharingScreen, let share = own.first(where: { $0.videoType == .desktop }) {
                list.append(
                    SceneParticipant(
                        id: share.name, name: person.name, hasVideo: true, sourceID: share.name, isScreenShare: true))
            }
        }
        return list
    }

    // MARK: The interface

    private func ledsJSON() -> JSONValue {
        let panel = shownPanel
        func lamp(_ name: String, _ lamp: Lamp) -> JSONMember {
            JSONMember(
                name, ["colour": .string(lamp.colour.rawValue), "pattern": .string(lamp.pattern.name)])
        }
        let joins = settings.meetings.indices.map { index in
            lamp("join-\(index + 1)", room.currentRoom == index ? panel.join : .off)
        }
        return .object(
            [
                lamp("status", panel.status), lamp("mute", panel.mute), lamp("camera", panel.camera),
                lamp("hand", panel.hand), lamp("hang-up", .off),
            ] + joins)
    }

    private func statusJSON(_ statistics: RTPStatistics?) -> JSONValue {
        let people = conference?.participants ?? []
        let dominant = conference?.dominantSpeaker
        let state: String
        var faults = deviceFaultsJSON()
        let isDegraded = !faults.isEmpty
        var isBusy = true
        var isInterrupted = false
        var destination: String?
        switch room.phase {
        case .starting: state = "starting"
        case .idle:
            state = "idle"
            isBusy = false
        case .joining(let attempt, _):
            state = "joining"
            destination = attempt.destination
            if let joinFault { faults.append(faultJSON(joinFault)) }
        case .inCall(let call):
            state = "in-call"
            isInterrupted = call.isInterrupted
        case .leaving: state = "leaving"
        case .ended:
            state = "idle"
            isBusy = false
        case .fault(let fault, _):
            state = "fault"
            isBusy = false
            faults.append(faultJSON(fault))
        }
        return [
            "state": .string(state),
            "room": meeting.map {
                [
                    "label": .string($0.label), "url": .string($0.url.link), "name": .string(meetingName),
                ]
            } ?? nil,
            "people": .array(
                people.map { person in
                    [
                        "id": .string(person.id), "name": .string(person.name),
                        "audio_muted": .bool(person.audioMuted), "video_muted": .bool(person.videoMuted),
                        "hand": .bool(person.raisedHand != nil), "moderator": .bool(person.isModerator),
                        "dominant": .bool(person.id == dominant),
                    ]
                }),
            "interrupted": .bool(isInterrupted), "moved_to": destination.map { .string($0) } ?? nil,
            "participants": JSONValue(isInRoom ? people.count + 1 : 0),
            "microphone_muted": .bool(room.microphoneMuted),
            "camera_on": .bool(room.cameraOn),
            "audio_only": .bool(room.audioOnly),
            "video": videoJSON(),
            "hand_raised": .bool(room.handRaised),
            "recording": .bool(isRecording),
            "meeting": meetingJSON,
            "last_join_ms": joinTimes.total.map { .number(Double($0.wholeNanoseconds / 100_000) / 10) } ?? nil,
            "last_join_steps": joinTimes.json,
            "faults": .array(faults),
            "media": .array(mediaJSON(statistics)),
            "display": displayState.map {
                [
                    "connected": .bool($0.isConnected), "connector": .string($0.connector), "name": .string($0.name),
                    "width": JSONValue($0.size.width), "height": JSONValue($0.size.height),
                    "refresh_rate": JSONValue($0.refreshRate),
                ]
            } ?? nil,
            "network": ladderJSON,
            "volume": JSONValue(volume.percent),
            "devices": devicesJSON(),
            "standby": .bool(isStandbyTold),
            "busy": .bool(isBusy),
            "health": .string(isDegraded ? "degraded" : "good"),
            "device": .string(settings.deviceName),
            "language": .string(settings.language.rawValue),
            "meetings": .array(settings.meetings.map { .string($0.label) }),
            "presets": .array(settings.cameraPresets.map { .string($0) }),
            "message": message(),
            "next_meeting": nextMeetingJSON,
        ]
    }

    var isInRoom: Bool {
        if case .inCall = room.phase { true } else { false }
    }

    private func deviceFaultsJSON() -> [JSONValue] {
        let audio = media.audio.statistics
        let known: [(code: String, fault: DeviceError?)] = [
            ("microphone", audio.microphoneFault), ("speaker", audio.speakerFault),
            ("camera", media.camera.statistics.fault),
        ]
        return deviceFaults.map { ["code": "device", "text": .string($0)] }
            + [displayFault].compactMap { $0.map { ["code": "display", "text": .string($0)] } }
            + known.compactMap { code, fault in fault.map { ["code": .string(code), "text": .string("\($0)")] } }
    }

    /// Counters of camera and sound devices.
    private func devicesJSON() -> JSONValue {
        let (camera, audio) = (media.camera.statistics, media.audio.statistics)
        return [
            "captured_frames": JSONValue(camera.capturedFrames), "still_cards": JSONValue(camera.stillCards),
            "corrupt_frames": JSONValue(camera.corruptFrames), "lost_frames": JSONValue(camera.lostFrames),
            "underruns": JSONValue(audio.devices.underruns), "overruns": JSONValue(audio.devices.overruns),
            "dropped_blocks": JSONValue(audio.devices.droppedBlocks),
            "drift_ppm": JSONValue(audio.devices.driftPartsPerMillion),
            "echo_cancelled": .bool(audio.voicePlan.cancelsEcho), "echo_delay_ms": JSONValue(audio.echoDelay),
            "microphone_silent_s": JSONValue(Int(audio.microphoneSilentFor.wholeMilliseconds / 1_000)),
            "microphone_level_dbov": JSONValue(Int(media.audio.microphoneLevel)),
        ]
    }

    /// What the card on the screen says, when there is one.
    private func message() -> JSONValue {
        switch room.phase {
        case .fault(let fault, _): .string(FaultText.fault(fault, settings.language).sentence)
        case .ended(let reason, _): .string(FaultText.ended(reason, settings.language).sentence)
        default: nil
        }
    }

    private func faultJSON(_ fault: RoomFault) -> JSONValue {
        let text = FaultText.fault(fault, settings.language)
        return [
            "code": .string(fault.code), "number": .number(Double(fault.rawValue)),
            "text": .string("\(text.sentence) \(text.action)"),
        ]
    }
}

extension Scene.JoinStep {
    fileprivate init(_ step: Room.JoinStep) {
        switch step {
        case .configuration: self = .finding
        case .signalling, .authentication: self = .contacting
        case .focus, .room: self = .entering
        }
    }
}

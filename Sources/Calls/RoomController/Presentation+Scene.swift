internal import Basis
internal import Conference
internal import Devices
internal import Jitsi
internal import MediaEngine
internal import RTP
internal import Room
internal import Scene

/// What the screen shows of the state.
extension Presentation {
    var meeting: MeetingSettings? {
        room.currentRoom.flatMap { settings.meetings.indices.contains($0) ? settings.meetings[$0] : nil }
    }

    var meetingName: String {
        guard let meeting else { return "" }
        let subject = call?.subject ?? ""
        return subject.isEmpty ? RemoteText.subject(meeting.url.room) : subject
    }

    func makeScene(_ statistics: RTPStatistics?) -> SceneState {
        let people = participants
        let clock = wall.civil(at: now)
        var scene = SceneState(
            language: settings.language, deviceName: settings.deviceName, roomLabel: meeting?.label ?? "",
            roomName: meetingName, phase: scenePhase(people),
            participants: sceneParticipants(onlyForwarded: true),
            participantCount: people.count + 1, microphoneMuted: room.microphoneMuted, cameraOn: room.cameraOn,
            handRaised: room.handRaised, selfViewVisible: room.cameraOn, notices: controlNotices,
            clockText: clock.map { Self.clockText($0) }, elapsedText: nil)
        scene.date = clock.map { CivilDate(year: $0.year, month: $0.month, day: $0.day) }
        scene.theme = settings.theme
        scene.idleLight = room.displayLight
        // A little further every five minutes.
        scene.shiftStep = Int(clamping: now.nanoseconds / 300_000_000_000)
        if hasConference {
            scene.missingDevices = devices.missing(isMuted: room.microphoneMuted, isCameraOn: room.cameraOn)
        }
        scene.isTalkingWhileMuted = devices.media.isTalkingWhileMuted && room.microphoneMuted
        scene.marks = CallMarks(meetingFacts)
        if room.audioOnly { scene.marks.insert(.audioOnly) }
        scene.farewell = history.farewell
        scene.nextMeeting = nextMeeting
        if settings.meetings.count == 1 { scene.meetingLink = settings.meetings[0].url.link }
        if case .inCall(let state) = room.phase { show(state, people, statistics, in: &scene) }
        return scene
    }

    private static func clockText(_ time: CivilMoment) -> String {
        func two(_ number: Int) -> String { (number < 10 ? "0" : "") + "\(number)" }
        return "\(two(time.hour)):\(two(time.minute))"
    }

    private func show(
        _ state: Call, _ people: [ParticipantInfo], _ statistics: RTPStatistics?, in scene: inout SceneState
    ) {
        // What holds the picture back matters to nobody once the meeting is over.
        if let held = call?.video.shownNotice {
            scene.notices.append(Strings.text(held, settings.language))
        }
        if state.hasMedia, call?.conference.isChannelMissing(at: now) == true {
            scene.notices.append(Strings.text(.noticeChannelMissing, settings.language))
        }
        call?.view.show(in: &scene)
        scene.link = linkQuality(statistics)
        if scene.panel == .information { scene.information = sessionInformation(statistics) }
        scene.hands = raisedHands(people)
        let lasted = now - state.since
        scene.elapsedText = Strings.duration(seconds: Int(clamping: lasted.wholeNanoseconds / 1_000_000_000))
    }

    /// How good the line is, by the worst of what is lost and late.
    private func linkQuality(_ statistics: RTPStatistics?) -> LinkQuality? {
        guard let statistics else { return nil }
        let milliseconds = Int(clamping: (roundTrip(statistics) ?? .zero).wholeMilliseconds)
        let sent = statistics.outbound.compactMap(\.remoteFractionLost).max() ?? 0
        let received = statistics.inbound.map(\.fractionLost).max() ?? 0
        return LinkQuality(
            sent: LinkGrade(lossThousandths: Int(sent * 1_000), roundTripMilliseconds: milliseconds),
            received: LinkGrade(lossThousandths: Int(received * 1_000), roundTripMilliseconds: milliseconds))
    }

    func roundTrip(_ statistics: RTPStatistics) -> Duration? {
        call?.conference.roundTrip ?? statistics.roundTrip
    }

    /// What the devices of the room have to say, in a few words each.
    private var controlNotices: [String] {
        let language = settings.language
        var notices: [String] = []
        func say(_ message: Message, name: String) { notices.append(Strings.text(message, name: name, language)) }
        if let left = controls.resetCountdown {
            let seconds = max(0, left.wholeMilliseconds + 999) / 1_000
            notices.append(Strings.count(.restart, Int(clamping: seconds), language))
        }
        if controls.isVolumeShown { notices.append(Strings.count(.volume, controls.volume.percent, language)) }
        if controls.isPresetShown, let preset = controls.preset {
            say(.noticeView, name: settings.cameraPresets[preset])
        }
        if hasConference, !room.microphoneMuted, devices.isMicrophoneSilent {
            notices.append(Strings.text(.noticeSilentMicrophone, language))
        }
        if isIdle, room.selectedRoom > 0, settings.meetings.indices.contains(room.selectedRoom) {
            say(.noticeSelected, name: settings.meetings[room.selectedRoom].label)
        }
        if isIdle, !devices.faults.isEmpty { say(.noticeRestartBox, name: "\(RoomFault.mediaFailed.rawValue)") }
        if devices.panelWatchers > 0 { notices.append(Strings.text(.noticeWatched, language)) }
        for button in controls.stuckButtons.map(\.name).sorted() { say(.noticeStuckButton, name: button) }
        return notices
    }

    // MARK: People

    /// - Parameter onlyForwarded: whether those are without a picture whose picture the bridge holds back.
    func sceneParticipants(onlyForwarded: Bool) -> [SceneParticipant] {
        let (showsCameras, showsShares) = (!room.audioOnly, !room.audioOnly || settings.video.audioOnlyShares)
        var sources: [RemoteSource] = []
        for source in call?.conference.videoSources ?? [] {
            guard source.videoType == .desktop ? showsShares : showsCameras else { continue }
            if onlyForwarded, call?.conference.isForwarded(source) == false { continue }
            sources.append(source)
        }
        let dominant = call?.conference.dominantSpeaker
        var list: [SceneParticipant] = []
        for person in participants {
            let own = sources.filter { $0.owner == person.id }
            let camera = own.first { $0.videoType != .desktop }
            let quality = call?.conference.connectionQuality(of: person.id)
            list.append(
                SceneParticipant(
                    id: person.id, name: person.name, audioMuted: person.audioMuted,
                    hasVideo: camera != nil && !person.videoMuted, handRaised: person.raisedHand != nil,
                    dominant: person.id == dominant, sourceID: camera?.name, isModerator: person.isModerator,
                    connection: quality.map { LinkGrade(percent: Int($0)) }))
            if person.sharingScreen, let share = own.first(where: { $0.videoType == .desktop }) {
                list.append(
                    SceneParticipant(
                        id: share.name, name: person.name, hasVideo: true, sourceID: share.name, isScreenShare: true))
            }
        }
        return list
    }

    /// Hands of others, the first raised first. An old client does not say since when.
    private func raisedHands(_ people: [ParticipantInfo]) -> [RaisedHand] {
        let now = wall.millisecondsSince1970(at: now)
        return people.compactMap { person in person.raisedHand.map { (person.name, $0) } }
            .sorted { $0.1 < $1.1 }
            .map { name, since in
                RaisedHand(
                    name: name,
                    waited: since > 1
                        ? Int(clamping: max(0, now.subtractingReportingOverflow(since).partialValue) / 1000) : 0)
            }
    }
}

extension CallMarks {
    init(_ facts: MeetingFacts) {
        self = []
        switch facts.recording {
        case .off: break
        case .starting: insert(.recordingSoon)
        case .on: insert(.recording)
        }
        switch facts.liveStream {
        case .off: break
        case .starting: insert(.liveStreamSoon)
        case .on: insert(.liveStream)
        }
        if facts.isTranscribed { insert(.transcription) }
        if facts.isEncrypted { insert(.encrypted) }
        if facts.isLocked { insert(.locked) }
    }
}

extension RoomDevices {
    /// What a call misses.
    fileprivate func missing(isMuted: Bool, isCameraOn: Bool) -> Set<MissingDevice> {
        var missing: Set<MissingDevice> = []
        if media.audio.microphoneFault != nil, !isMuted { missing.insert(.microphone) }
        if media.audio.speakerFault != nil { missing.insert(.speaker) }
        if isCameraOn, media.camera.fault != nil { missing.insert(.camera) }
        return missing
    }

    /// Whether the open microphone has given nothing but silence for a while.
    fileprivate var isMicrophoneSilent: Bool {
        media.audio.microphoneFault == nil && media.audio.microphoneSilentFor >= .seconds(20)
    }
}

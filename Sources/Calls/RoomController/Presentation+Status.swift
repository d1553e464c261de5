internal import Basis
internal import Codecs
internal import Conference
internal import Devices
internal import Jitsi
internal import MediaEngine
internal import RTP
internal import Room
internal import Scene
internal import VoiceProcessing

/// The state as programs see it.
extension Presentation {
    func makeStatus(_ statistics: RTPStatistics?) -> ApplianceStatus {
        let people = participants
        let dominant = call?.conference.dominantSpeaker
        let name = meetingName
        var status = ApplianceStatus()
        status.faults = devices.faultStatus
        status.isDegraded = !status.faults.isEmpty
        status.activity = activity
        if let fault = shownFault { status.faults.append(faultStatus(fault)) }
        status.room = meeting.map { .init(label: $0.label, url: $0.url.link, name: name) }
        status.people = people.map { person in
            .init(
                id: person.id, name: person.name, isAudioMuted: person.audioMuted, isVideoMuted: person.videoMuted,
                isHandRaised: person.raisedHand != nil, isModerator: person.isModerator,
                isDominant: person.id == dominant)
        }
        status.participants = isInRoom ? people.count + 1 : 0
        status.own = .init(
            isMicrophoneMuted: room.microphoneMuted, isCameraOn: room.cameraOn, isAudioOnly: room.audioOnly,
            isHandRaised: room.handRaised)
        status.video = videoStatus()
        status.facts = factsStatus()
        status.lastJoin = .init(
            total: history.times.total,
            steps: history.times.steps.map { .init(name: $0.milestone.rawValue, milliseconds: $0.milliseconds) })
        status.media = mediaStatus(statistics)
        status.display = devices.display
        status.network = networkStatus
        status.volume = controls.volume.percent
        status.devices = ApplianceStatus.DeviceCounters(devices.media)
        status.isStandingBy = isStandbyReady
        status.box = .init(
            device: settings.deviceName, language: settings.language.rawValue,
            meetings: settings.meetings.map(\.label), presets: settings.cameraPresets)
        status.nextMeeting = nextMeetingStatus
        status.isReady = isReady
        return status
    }

    private var isReady: Bool {
        if case .starting = room.phase { return false }
        return !settings.meetings.isEmpty && devices.faults.isEmpty && devices.displayFault == nil
    }

    private var activity: ApplianceStatus.Activity {
        var activity = ApplianceStatus.Activity()
        switch room.phase {
        case .starting: (activity.state, activity.isBusy) = (.starting, true)
        case .idle: activity.state = .idle
        case .joining(let attempt, _):
            (activity.state, activity.isBusy) = (.joining, true)
            activity.movedTo = attempt.destination
        case .inCall(let call):
            (activity.state, activity.isBusy) = (.inCall, true)
            activity.isInterrupted = call.isInterrupted
        case .leaving: (activity.state, activity.isBusy) = (.leaving, true)
        case .ended(let reason, _):
            activity.state = .idle
            activity.message = FaultText.ended(reason, settings.language).sentence
        case .fault(let fault, _):
            activity.state = .fault
            activity.message = FaultText.fault(fault, settings.language).sentence
        }
        return activity
    }

    /// The fault of the way into the meeting that is on the screen.
    private var shownFault: RoomFault? {
        switch room.phase {
        case .joining: history.fault
        case .fault(let fault, _): fault
        case .starting, .idle, .inCall, .leaving, .ended: nil
        }
    }

    private func faultStatus(_ fault: RoomFault) -> ApplianceStatus.Fault {
        let text = FaultText.fault(fault, settings.language)
        return .init(code: fault.code, number: fault.rawValue, text: "\(text.sentence) \(text.action)")
    }

    /// Each rung that is known.
    var networkStatus: [ApplianceStatus.Rung] {
        let rungs = check.rungs
        return ConnectionRung.allCases.compactMap { rung in
            rungs[rung].map { ApplianceStatus.Rung(rung: rung, state: $0) }
        }
    }

    private var nextMeetingStatus: ApplianceStatus.NextMeeting? {
        scheduledMeeting.map { meeting in
            .init(
                title: meeting.isPrivate ? nil : RemoteText.subject(meeting.title), start: meeting.start,
                end: meeting.end, isAllDay: meeting.isAllDay, button: meeting.room.map { .join(room: $0) })
        }
    }

    private func factsStatus() -> ApplianceStatus.Facts {
        func word(_ activity: MeetingFacts.Activity) -> ApplianceStatus.Facts.Activity {
            switch activity {
            case .off: .off
            case .starting: .starting
            case .on: .on
            }
        }
        let facts = meetingFacts
        return .init(
            recording: word(facts.recording), liveStream: word(facts.liveStream), isTranscribed: facts.isTranscribed,
            isEncrypted: facts.isEncrypted, hasPassword: facts.hasPassword, hasLobby: facts.isMembersOnly,
            captions: (call?.view.captions.lines ?? []).map { .init(name: $0.speaker, text: $0.text) })
    }
}

extension ApplianceStatus.Rung {
    fileprivate init(rung: ConnectionRung, state: RungState) {
        self.rung = rung
        switch state {
        case .works: self.state = "works"
        case .trying: self.state = "trying"
        case .fails(let trouble): self.state = trouble.rawValue
        }
    }
}

extension RoomDevices {
    /// What is missing or broken.
    fileprivate var faultStatus: [ApplianceStatus.Fault] {
        var list = faults.map { ApplianceStatus.Fault(code: "device", text: $0) }
        if let displayFault { list.append(.init(code: "display", text: displayFault)) }
        let known: [(code: String, fault: DeviceError?)] = [
            ("microphone", media.audio.microphoneFault), ("speaker", media.audio.speakerFault),
            ("camera", media.camera.fault),
        ]
        for case (let code, let fault?) in known { list.append(.init(code: code, text: "\(fault)")) }
        return list
    }
}

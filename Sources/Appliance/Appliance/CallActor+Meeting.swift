internal import Basis
internal import Conference
internal import Devices
internal import Jitsi
internal import LinuxHost
internal import MediaEngine
internal import RTP
internal import Room
internal import Scene

/// What the meeting is and what is said in it: for the marks, the notices, the captions and the page of information.
extension CallActor {
    /// Whether what is said here is kept or heard elsewhere by the server's doing.
    var isRecording: Bool { meetingFacts.recording == .on || meetingFacts.liveStream == .on }

    func learn(_ facts: MeetingFacts, at now: MonotonicInstant) {
        meetingFacts = facts
        callView.learn(facts, language: settings.language, at: now)
        refresh()
    }

    /// A translation is shown to those only whose language it is in.
    func show(_ caption: Caption, at now: MonotonicInstant) {
        guard settings.showsCaptions, !caption.isTranslation || caption.language == settings.language.rawValue else {
            return
        }
        callView.show(caption, at: now)
        refresh()
    }

    /// Hands of others, the first raised first. An old client does not say since when.
    func raisedHands(_ people: [ParticipantInfo]) -> [RaisedHand] {
        let now = wallClock.millisecondsSince1970
        return people.compactMap { person in person.raisedHand.map { (person.name, $0) } }
            .sorted { $0.1 < $1.1 }
            .map { name, since in
                RaisedHand(
                    name: name,
                    waited: since > 1
                        ? Int(clamping: max(0, now.subtractingReportingOverflow(since).partialValue) / 1000) : 0)
            }
    }

    /// Says where we are after the meeting sent us there.
    func greet(at now: MonotonicInstant) {
        guard case .joining(let attempt, _) = room.phase, let name = attempt.destination, !name.isEmpty else { return }
        callView.say(.enteredRoom, name: name, language: settings.language, at: now)
    }

    /// The meeting, for the interface.
    var meetingJSON: JSONValue {
        func word(_ activity: MeetingFacts.Activity) -> JSONValue {
            switch activity {
            case .off: "off"
            case .starting: "starting"
            case .on: "on"
            }
        }
        return [
            "recording": word(meetingFacts.recording), "live_stream": word(meetingFacts.liveStream),
            "transcribed": .bool(meetingFacts.isTranscribed), "encrypted": .bool(meetingFacts.isEncrypted),
            "password": .bool(meetingFacts.hasPassword), "lobby": .bool(meetingFacts.isMembersOnly),
            "captions": .array(
                callView.captions.lines.map { ["name": .string($0.speaker), "text": .string($0.text)] }),
        ]
    }

    /// What a technician asks on the telephone.
    func sessionInformation(_ statistics: RTPStatistics?) -> SessionInformation? {
        guard let statistics else { return nil }
        var information = SessionInformation()
        information.server = meeting?.url.host ?? ""
        let camera = media.camera.statistics
        if let size = camera.encodedSize {
            let codec = media.camera.codec.title
            information.sent = "\(codec) \(size.width) × \(size.height), \(encodedFrames.perSecond)/s"
        }
        if let video = statistics.inbound.compactMap(\.video).max(by: { $0.width < $1.width }), video.width > 0 {
            let codec = (video.codec ?? .vp8).title
            information.received = "\(codec) \(video.width) × \(video.height), \(video.framesPerSecond)/s"
        }
        information.sound = soundInformation
        information.concealedThousandths = concealedThousandths
        information.sentKilobits = statistics.outbound.reduce(0) { $0 + $1.bitsPerSecond } / 1_000
        information.receivedKilobits = statistics.inbound.reduce(0) { $0 + $1.bitsPerSecond } / 1_000
        information.lossThousandths = statistics.inbound.map { Int($0.fractionLost * 1_000) }.max()
        information.roundTripMilliseconds = (conference?.roundTrip ?? statistics.roundTrip).map {
            Int(clamping: $0.wholeMilliseconds)
        }
        if let way = conference?.mediaWay {
            let version = conference?.bridgeVersion.map { [$0] } ?? []
            information.bridge = (way.bridge + version).joined(separator: ", ")
            if let remote = way.remote { information.path = (way.isRelayed ? "TURN " : "UDP ") + "\(remote)" }
            information.encryption = way.cipher.isEmpty ? "" : "DTLS-SRTP " + way.cipher
        }
        return information
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

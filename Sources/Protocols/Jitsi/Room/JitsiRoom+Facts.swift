import Basis

// What the meeting is: recorded, streamed, transcribed, encrypted, locked; and what is said in it, written down.
extension JitsiRoom {
    mutating func readFocusPresence(_ presence: XMLElement) {
        for status in presence.children("jibri-recording-status").prefix(8) { readRecording(status) }
        let properties = presence.child("conference-properties")?.children("property").prefix(64) ?? []
        if let flag = properties.first(where: { $0["key"] == "audio-recording-enabled" })?["value"] {
            ledger.isSoundExported = flag == "true"
        }
        if presence.child("bridgeNotAvailable") != nil { note(.warning, "bridge-not-available") }
    }

    /// The focus repeats its last word of each session with every presence.
    private mutating func readRecording(_ status: XMLElement) {
        let id = String((status["session_id"] ?? "").prefix(64))
        let known = ledger.sessions[id]
        let activity: MeetingFacts.Activity
        switch status["status"] {
        case "on": activity = .on
        case "pending": activity = .starting
        case "off":
            if let known, status["failure_reason"] != nil { emit(.recordingFailed(isStream: known.isStream)) }
            ledger.sessions[id] = nil
            return
        default: return
        }
        guard known != nil || ledger.sessions.count < MeetingLedger.maximumSessions else { return }
        let starter = status["initiator"].flatMap { JID.bare($0).lowercased() == roomJID ? JID.resource($0) : nil }
        ledger.sessions[id] = MeetingLedger.Session(
            isStream: known?.isStream ?? (status["recording_mode"]?.lowercased() == "stream"), activity: activity,
            starter: String((starter ?? known?.starter ?? "").prefix(128)))
    }

    func isHidden(_ realJID: String?) -> Bool {
        realJID.map { JID.domain($0) }.map { $0 == configuration.hiddenDomain } ?? false
    }

    // MARK: Facts

    /// Tells the facts when they are others than were told, and in any case when the room was entered. While it is being
    /// entered nothing is told: what is not known yet is not over.
    mutating func updateFacts(hasEntered: Bool = false) {
        guard phase == .joined else { return }
        var next = MeetingFacts()
        for (_, session) in ledger.sessions.sorted(by: { $0.key < $1.key }) {
            if session.isStream {
                next.liveStream = max(next.liveStream, session.activity)
            } else if session.activity > next.recording {
                next.recording = session.activity
                next.recordingStarter = occupants[session.starter]?.info.name ?? ""
            }
        }
        for id in arrivals {
            guard let occupant = occupants[id] else { continue }
            switch occupant.marks.recorder {
            case .file: next.recording = .on
            case .stream: next.liveStream = .on
            case nil: break
            }
            if occupant.marks.isTranscribing { next.isTranscribed = true }
            guard occupant.isShown else { continue }
            if occupant.marks.isEncrypting { next.isEncrypted = true }
            if occupant.marks.isRecording, next.recording != .on {
                next.recording = .on
                next.recordingStarter = occupant.info.name
            }
        }
        next.isTranscribed = next.isTranscribed || ledger.isSoundExported || ledger.isTranscribedBehind
        next.hasPassword = ledger.hasPassword
        next.isMembersOnly = ledger.isMembersOnly
        guard hasEntered || next != ledger.told else { return }
        ledger.told = next
        emit(.facts(next))
    }

    // MARK: Room information

    mutating func queryRoomInfo() {
        guard !queries.values.contains(.roomInfo) else {
            ledger.isRoomInfoStale = true
            return
        }
        ledger.isRoomInfoStale = false
        query(.roomInfo, iq("get", to: roomJID, XMLElement("query", namespace: Namespace.discoInfo)))
    }

    mutating func receiveRoomInfo(_ answer: IQAnswer) {
        if case .result(let iq) = answer, JID.bare(iq["from"] ?? roomJID).lowercased() == roomJID,
            let info = iq.child("query", namespace: Namespace.discoInfo)
        {
            readRoomInfo(info)
        }
        if ledger.isRoomInfoStale, phase == .joined { queryRoomInfo() }
    }

    private mutating func readRoomInfo(_ info: XMLElement) {
        let features = Set(info.children("feature").prefix(64).compactMap { $0["var"] })
        ledger.hasPassword = features.contains("muc_passwordprotected")
        ledger.isMembersOnly = features.contains("muc_membersonly")
        let fields = info.child("x")?.children("field").prefix(64) ?? []
        func value(_ name: String) -> String? { fields.first { $0["var"] == name }?.child("value")?.text }
        emit(
            .meeting(
                id: value("muc#roominfo_meetingId").map { RemoteText.clean($0, limit: 80) },
                createdAt: value("muc#roominfo_created_timestamp").flatMap { Int64($0) }))
        updateFacts()
    }

    /// Jicofo, `RoomMetadata`: both are needed for a transcription that no occupant makes.
    mutating func readTranscription(_ metadata: JSONValue) {
        ledger.isTranscribedBehind =
            metadata["asyncTranscription"]?.bool == true
            && metadata["recording"]?["isTranscribingEnabled"]?.bool == true
        updateFacts()
    }

    // MARK: Captions

    /// Whether somebody may write down what others say: the room itself and the server's transcriber, but no participant.
    package func mayCaption(_ endpoint: String) -> Bool {
        // "transcriber" is who the bridge itself speaks for (jitsi-videobridge), where nobody took the name.
        occupants[endpoint].map { $0.isHidden } ?? (endpoint == "transcriber" && endpoint != nick)
    }

    /// A json-message that the room passes on from an occupant, or sends itself.
    mutating func receiveRoomJSON(_ element: XMLElement, occupant: String?) {
        guard occupant.map(mayCaption) ?? true,
            let json = try? JSONReader.parse(element.text, maximumSize: 1 << 16), let caption = Caption(json)
        else { return }
        emit(.caption(caption))
    }
}

import Basis

// What the meeting is: recorded, streamed, transcribed, encrypted, locked; and what is said in it, written down.
extension JitsiRoom {
    func isHidden(_ realJID: String?) -> Bool {
        realJID.map { JID.domain($0) }.map { $0 == configuration.hiddenDomain } ?? false
    }

    // MARK: Facts

    /// Reports the facts when they changed, and in any case when the room was entered. While it is being
    /// entered nothing is reported: what is not known yet is not over.
    mutating func updateFacts(hasEntered: Bool = false) {
        guard phase == .joined else { return }
        let next = ledger.facts(occupants)
        guard hasEntered || next != ledger.reported else { return }
        ledger.reported = next
        outbox.emit(.facts(next))
    }

    // MARK: Room information

    mutating func queryRoomInfo() {
        guard outbox.count(.roomInfo) == 0 else {
            ledger.isRoomInfoStale = true
            return
        }
        ledger.isRoomInfoStale = false
        outbox.query(.roomInfo, iq("get", to: roomJID, XMLElement("query", namespace: Namespace.discoInfo)))
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
        outbox.emit(
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
        outbox.emit(.caption(caption))
    }
}
